import { describe, expect, it } from 'vitest';
import { bug, terminal, toOperatorError, transient, wait } from './errors.ts';

describe('errors', () => {
  it.each([
    ['Transient', transient],
    ['Wait', wait],
    ['Terminal', terminal],
  ] as const)('%s carries what the controller needs', (expected, create) => {
    const cause = new Error('below');
    const options = { reason: 'Why', delayMs: 5, requestId: 'r', cause };
    expect(create('what', options)).toMatchObject({ ...options, class: expected, message: 'what' });
  });

  it('leaves a classified error as it is', () => {
    const error = wait('x', { reason: 'Why' });
    expect(toOperatorError(error)).toBe(error);
  });

  it.each([new TypeError('token=abc'), 'text', undefined])(
    'takes %s for a bug, and does not repeat what it says',
    (thrown) => {
      const error = toOperatorError(thrown);
      expect(error.class).toBe('Bug');
      expect(error.reason).toBe('InternalError');
      expect(error.message).not.toContain('abc');
      expect(error.cause).toBe(thrown);
    },
  );

  it('has one reason for all bugs', () => {
    expect(bug('x').reason).toBe('InternalError');
  });
});
