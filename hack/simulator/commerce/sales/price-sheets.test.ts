import { expect, it } from 'vitest';
import { type Answer, APP_CALLER, testCloud, USER_CALLER } from '../test-world.ts';

const caller = { ...USER_CALLER, audience: 'https://api.partner.microsoft.com' };
const SHEET = "/v1.0/sales/pricesheets(Market='DE',PricesheetView='updatedlicensebased')/$value";

function ask(url: string): Answer {
  return testCloud().send('GET', url, undefined, { caller });
}

function rowsOf(answer: Answer): readonly string[] {
  return String(answer.body).trim().split('\r\n');
}

it('prices whole terms, as CSV', () => {
  const answer = ask(`${SHEET}?timeline=current`);
  expect(answer).toMatchObject({ headers: { 'content-type': 'application/octet-stream' } });
  const [columns, ...rows] = rowsOf(answer);
  expect(columns).toMatch(/^ProductTitle,ProductId,SkuId,.*,Tags,ERP Price$/);
  const premium = rows.filter((row) => row.includes('CFQ7TTC0LCHC,0002'));
  expect(premium).toHaveLength(6);
  expect(premium[2]).toContain('P1Y,Annual,DE,EUR,192,,,2026-09-01T00:00:00.000Z');
  expect(premium[1]).toContain('P1Y,Monthly,DE,EUR,192,');
  expect(rows.find((row) => row.startsWith('"Windows 365'))).toContain(
    '"Windows 365 Enterprise 2 vCPU, 8 GB, 128 GB",CFQ7TTC0HHS9',
  );
});

it('has sheets of other markets, of the extended term, of the past, and none of the future', () => {
  expect(String(ask(SHEET.replace("'DE'", "'CH'")).body)).toContain('CHF');
  const extended = ask(SHEET.replace('updatedlicensebased', 'licensebasedest'));
  expect(rowsOf(extended).some((row) => row.includes('CFQ7TTC0LCHC,E002'))).toBe(true);
  expect(rowsOf(ask(SHEET.replace('updatedlicensebased', 'marketplace')))).toHaveLength(1);
  expect(String(ask(`${SHEET}?timeline=history&month=202601`).body)).toContain('2026-01-01');
  expect(ask(`${SHEET}?timeline=history`).status).toBe(400);
  expect(ask(`${SHEET}?timeline=future`).status).toBe(404);
  expect(ask(SHEET.replace("'DE'", "'XX'")).status).toBe(400);
});

it('joins offers to Graph in the offer matrix', () => {
  const rows = rowsOf(ask("/v1.0/sales/offermatrix(Month='202609')/$value"));
  expect(rows.find((row) => row.startsWith('CFQ7TTC0LCHC,0002'))).toBe(
    'CFQ7TTC0LCHC,0002,cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46,SPB,1,300,,,,CFQ7TTC0LFLX:0001;CFQ7TTC0LFLZ:0002,All',
  );
  expect(ask("/v1.0/sales/offermatrix(Month='2026-09')/$value").status).toBe(400);
});

it('takes a token of its own audience, of a user', () => {
  const cloud = testCloud();
  expect(cloud.send('GET', SHEET)).toMatchObject({ status: 401, json: { code: 900420 } });
  const app = { caller: { ...APP_CALLER, audience: caller.audience } };
  expect(cloud.send('GET', SHEET, undefined, app)).toMatchObject({ json: { code: 900329 } });
});
