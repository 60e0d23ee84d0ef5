/** How the domain controllers of a connection are, as metrics. What is not heard of any more is not shown. */
import type { Metrics } from './metrics.ts';

export function controllerHealth(
  { controllerUp, controllerSeconds }: Pick<Metrics, 'controllerUp' | 'controllerSeconds'>,
  connection: string,
) {
  return {
    tried: (controller: string, isUp: boolean): void =>
      controllerUp.set({ connection, controller }, isUp ? 1 : 0),
    took: (controller: string, seconds: number): void =>
      controllerSeconds.observe({ connection, controller }, seconds),
    forgotten: (controllers: readonly string[]): void => {
      for (const controller of controllers) {
        controllerUp.remove({ connection, controller });
        controllerSeconds.remove({ connection, controller });
      }
    },
  };
}
