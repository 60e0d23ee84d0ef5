/** Single services. */
import { listed, MONTHLY_BILLED } from './listing.ts';
import type { Offer } from './offers.ts';

export const STANDALONE_OFFERS: readonly Offer[] = [
  listed({
    item: 'CFQ7TTC0LH16:0001',
    title: 'Exchange Online (Plan 1)',
    sku: ['4b9405b0-7788-4568-add1-99614e613b69', 'EXCHANGESTANDARD'],
    plans: ['EXCHANGE_S_STANDARD'],
    cents: 340,
    more: { upgradesTo: ['CFQ7TTC0LH1P:0001'] },
  }),
  listed({
    item: 'CFQ7TTC0LH1P:0001',
    title: 'Exchange Online (Plan 2)',
    sku: ['19ec0d23-8335-4cbd-94ac-3050e30712fa', 'EXCHANGEENTERPRISE'],
    plans: ['EXCHANGE_S_ENTERPRISE'],
    cents: 670,
  }),
  listed({
    item: 'CFQ7TTC0LFLS:0002',
    title: 'Microsoft Entra ID P1',
    sku: ['078d2b04-f1bd-4111-bbd4-b4b1b354cef4', 'AAD_PREMIUM'],
    plans: ['AAD_PREMIUM', 'EXCHANGE_S_FOUNDATION'],
    cents: 510,
  }),
  listed({
    item: 'CFQ7TTC0LFK5:0001',
    title: 'Microsoft Entra ID P2',
    sku: ['84a661c4-e949-4bd2-a560-ed7766fcaf2b', 'AAD_PREMIUM_P2'],
    plans: ['AAD_PREMIUM_P2', 'EXCHANGE_S_FOUNDATION'],
    cents: 760,
  }),
  listed({
    item: 'CFQ7TTC0LCH4:0009',
    title: 'Microsoft Intune Plan 1',
    sku: ['061f9ace-7d42-4136-88ac-31dc755f143f', 'INTUNE_A'],
    plans: ['INTUNE_A', 'EXCHANGE_S_FOUNDATION'],
    cents: 670,
  }),
  listed({
    item: 'CFQ7TTC0HL8W:0001',
    title: 'Power BI Pro',
    sku: ['f8a1db68-be16-40ed-86d5-cb42ce701560', 'POWER_BI_PRO'],
    plans: ['BI_AZURE_P2', 'EXCHANGE_S_FOUNDATION'],
    cents: 840,
  }),
  listed({
    item: 'CFQ7TTC0HD32:0002',
    title: 'Visio Plan 2',
    sku: ['c5928f49-12ba-48f7-ada3-0d743a3601d5', 'VISIOCLIENT'],
    plans: ['VISIO_CLIENT_SUBSCRIPTION', 'EXCHANGE_S_FOUNDATION'],
    cents: 1260,
  }),
  listed({
    item: 'CFQ7TTC0HDB0:0002',
    title: 'Planner and Project Plan 3',
    sku: ['53818b1b-4a27-454b-8896-0dba576410e6', 'PROJECTPROFESSIONAL'],
    plans: ['PROJECT_CLIENT_SUBSCRIPTION', 'EXCHANGE_S_FOUNDATION'],
    cents: 2530,
  }),
  listed({
    item: 'CFQ7TTC0LH0L:0001',
    title: 'Exchange Online Kiosk',
    sku: ['80b2d799-d2ba-4d2a-8842-fb0d0f3a4b82', 'EXCHANGEDESKLESS'],
    plans: ['EXCHANGE_S_DESKLESS'],
    cents: 170,
    more: { upgradesTo: ['CFQ7TTC0LH16:0001', 'CFQ7TTC0LH1P:0001'] },
  }),
  listed({
    item: 'CFQ7TTC0LHT4:0001',
    title: 'Enterprise Mobility + Security E3',
    sku: ['efccb6f7-5641-4e0e-bd10-b4976e1bf68e', 'EMS'],
    plans: ['AAD_PREMIUM', 'INTUNE_A', 'RMS_S_PREMIUM', 'EXCHANGE_S_FOUNDATION'],
    cents: 920,
  }),
  listed({
    item: 'CFQ7TTC0HHS9:0001',
    title: 'Windows 365 Enterprise 2 vCPU, 8 GB, 128 GB',
    sku: ['e2aebe6c-897d-480f-9d62-fff1381581f7', 'CPC_E_2C_8GB_128GB'],
    plans: ['CPC_2'],
    cents: 3850,
    more: { terms: MONTHLY_BILLED, notSoldIn: ['CN', 'IN', 'BR'] },
  }),
];
