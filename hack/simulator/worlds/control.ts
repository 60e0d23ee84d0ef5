/** Worlds on the control port. */
import { z } from 'zod';
import { ok, type Routes } from '../control-route.ts';
import { createDefaultPartner } from '../seed.ts';
import type { World } from '../world.ts';
import { generate } from './generate.ts';
import { openWorld } from './open-world.ts';
import { savedWorld } from './saved-world.ts';

const Size = z.strictObject({
  tenants: z.int().positive().max(10_000),
  users: z.int().nonnegative().max(10_000),
});

export function worldRoutes(world: World): Routes {
  return {
    'GET world': () => ({
      status: 200,
      headers: { 'content-type': 'application/x-ndjson' },
      body: savedWorld(world),
    }),
    'PUT world': (request) => {
      openWorld(world, typeof request.body === 'string' ? request.body : '', 'the world');
      return ok({
        tenants: world.directories.size,
        now: new Date(world.clock.nowMs()).toISOString(),
      });
    },
    'POST generate': (request) => {
      const size = Size.parse(request.body);
      const [partnerTenantId = createDefaultPartner(world).tenantId] = world.partners.keys();
      generate(world, partnerTenantId, size);
      return ok({ tenants: world.directories.size });
    },
  };
}
