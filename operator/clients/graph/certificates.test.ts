import { describe, expect, it } from 'vitest';
import { certificateEnd } from './certificates.ts';

/** Made with `openssl req -x509`, ten years from 2026-11-28. */
const signing =
  'MIIBqjCCAU+gAwIBAgIUXmYllghGSd6MFmMYtL8sMLkv4oYwCgYIKoZIzj0EAwIwKjEoMCYGA1UEAwwfQURGUyBTaWduaW5nIC0gc3RzLmNvcnAuZXhhbXBsZTAeFw0yNjExMjgxMDM0MTBaFw0zNjExMjUxMDM0MTBaMCoxKDAmBgNVBAMMH0FERlMgU2lnbmluZyAtIHN0cy5jb3JwLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS/5qMUtZqhxXJIQBdtLay8aogu5o2PbXJ9hx/tCo1BYeWSfG1eeFIO7WHbm6rYm1Jt/tJkjnnM7XpYrxBvvBYbo1MwUTAdBgNVHQ4EFgQUd2RDSFdVSAORrC1PXwZeYVJx+f8wHwYDVR0jBBgwFoAUd2RDSFdVSAORrC1PXwZeYVJx+f8wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA4L6Wk1QzXKNrnY4IkMEy4DHhBcD8YJRQG1T7CHy34h0CIQCc8QtUDDvQtdXXSOv9HVnlfUFZG30hNUBvZpJyNWaozQ==';

describe('the end of a certificate', () => {
  it('is told to the second', () => {
    expect(certificateEnd(signing)).toBe('2036-11-25T10:34:10Z');
  });

  it.each([undefined, '', 'AAAA', 'no base64', signing.slice(0, 200)])(
    'of %j is not known',
    (text) => {
      expect(certificateEnd(text)).toBeUndefined();
    },
  );
});
