import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServers, parseAddress, serveHealth } from './health.ts';
import { createMetrics } from './metrics.ts';

let servers: HealthServers | undefined;

afterEach(async () => {
  await servers?.close();
});

async function serve(
  address: { metrics: string; health: string },
  isReady = () => true,
): Promise<HealthServers> {
  servers = await serveHealth({
    metricsAddress: address.metrics,
    healthAddress: address.health,
    metrics: createMetrics({ processMetrics: false }),
    isReady,
    isHealthy: () => true,
  });
  return servers;
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

describe('probes and metrics', () => {
  it('tell health, readiness as it changes, and metrics, on their own ports', async () => {
    let isReady = false;
    const separate = { metrics: '127.0.0.1:0', health: ':0' };
    const { healthUrl, metricsUrl } = await serve(separate, () => isReady);
    expect(await get(`${healthUrl}/healthz`)).toEqual({ status: 200, text: 'ok' });
    expect((await get(`${healthUrl}/readyz`)).status).toBe(503);
    isReady = true;
    expect((await get(`${healthUrl}/readyz`)).status).toBe(200);
    expect((await get(`${healthUrl}/metrics`)).status).toBe(404);
    expect((await get(`${metricsUrl}/metrics`)).text).toContain('# TYPE workqueue_depth gauge');
  });

  it('share one port where they are given one', async () => {
    const { healthUrl } = await serve({ metrics: '127.0.0.1:0', health: '127.0.0.1:0' });
    expect((await get(`${healthUrl}/metrics?x=1`)).status).toBe(200);
    expect((await get(`${healthUrl}/__proto__`)).status).toBe(404);
  });

  it.each([
    [':8080', undefined, 8080],
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['[::1]:9', '::1', 9],
  ])('understands %s', (address, host, port) => {
    expect(parseAddress(address)).toEqual({ host, port });
  });

  it.each(['8080', ':70000', 'a:b', ''])('refuses "%s" and says what it wants', (address) => {
    expect(() => parseAddress(address)).toThrow('":8080"');
  });
});

describe('metric names', () => {
  it('are those of controller-runtime, and ours', async () => {
    const { registry } = createMetrics({ processMetrics: true });
    const names = (await registry.getMetricsAsJSON()).map((metric) => metric.name);
    expect(
      names.filter((name) => !/^(process|nodejs)_/.test(name)).toSorted(),
    ).toMatchInlineSnapshot(`
      [
        "controller_runtime_active_workers",
        "controller_runtime_max_concurrent_reconciles",
        "controller_runtime_reconcile_errors_total",
        "controller_runtime_reconcile_panics_total",
        "controller_runtime_reconcile_time_seconds",
        "controller_runtime_reconcile_timeouts_total",
        "controller_runtime_reconcile_total",
        "controller_runtime_terminal_reconcile_errors_total",
        "leader_election_master_status",
        "leader_election_slowpath_total",
        "m365_actions_total",
        "m365_ad_controller_up",
        "m365_ad_request_duration_seconds",
        "m365_audit_lines_lost_total",
        "m365_audit_write_errors_total",
        "m365_bugs_total",
        "m365_conditions",
        "m365_drift_age_seconds",
        "m365_drift_corrected_total",
        "m365_drift_correction_blocked_total",
        "m365_drift_detected_total",
        "m365_drift_fields",
        "m365_events_dropped_total",
        "m365_external_request_duration_seconds",
        "m365_external_requests_total",
        "m365_graph_quota_refusals_total",
        "m365_observation_age_seconds",
        "m365_outside_changes_total",
        "m365_protected_account_changes_total",
        "m365_reconcile_lag_seconds",
        "m365_throttled_seconds_total",
        "m365_token_cache_hits_total",
        "m365_token_cache_misses_total",
        "m365_watch_restarts_total",
        "rest_client_request_duration_seconds",
        "rest_client_request_size_bytes",
        "rest_client_requests_total",
        "rest_client_response_size_bytes",
        "workqueue_adds_total",
        "workqueue_depth",
        "workqueue_longest_running_processor_seconds",
        "workqueue_queue_duration_seconds",
        "workqueue_retries_total",
        "workqueue_unfinished_work_seconds",
        "workqueue_work_duration_seconds",
      ]
    `);
    expect(names).toContain('process_cpu_seconds_total');
    expect(names).toContain('process_resident_memory_bytes');
    // Others would need a timer that wakes the process all the time.
    expect(names.filter((name) => name.includes('eventloop_lag'))).toEqual([
      'nodejs_eventloop_lag_seconds',
    ]);
  });
});
