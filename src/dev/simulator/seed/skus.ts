/** Products a seeded tenant has bought, under their public SKU and service plan ids. */
import type { Sku } from '../settings.ts';

export const skuIds = {
  e3: '05e9a617-0261-4cee-bb44-138d3ef5d965',
  entraP2: '84a661c4-e949-4bd2-a560-ed7766fcaf2b',
  visio: 'c5928f49-12ba-48f7-ada3-0d743a3601d5',
} as const;

export const planIds = {
  exchange: 'efb87545-963c-4e0d-99df-69c6916d9eb0',
  sharePoint: '5dbe027f-2339-4123-9542-606e4d348a72',
  teams: '57ff2da0-773e-42df-b2af-ffb7a2317929',
  yammer: '7547a3fe-08ee-4ccb-b430-5077c5041653',
  entraP1: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  entraP2: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
  visioOnline: '2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f',
} as const;

/** Seats for everyone, and room to spare, but for the one product that few need. */
export function seededSkus(seats: number): readonly Sku[] {
  const plan = (servicePlanId: string, servicePlanName: string) => ({ servicePlanId, servicePlanName });
  return [
    {
      skuId: skuIds.e3,
      skuPartNumber: 'SPE_E3',
      enabled: seats,
      servicePlans: [
        plan(planIds.exchange, 'EXCHANGE_S_ENTERPRISE'),
        plan(planIds.sharePoint, 'SHAREPOINTENTERPRISE'),
        plan(planIds.teams, 'TEAMS1'),
        plan(planIds.yammer, 'YAMMER_ENTERPRISE'),
        plan(planIds.entraP1, 'AAD_PREMIUM'),
      ],
    },
    {
      skuId: skuIds.entraP2,
      skuPartNumber: 'AAD_PREMIUM_P2',
      enabled: seats,
      servicePlans: [plan(planIds.entraP1, 'AAD_PREMIUM'), plan(planIds.entraP2, 'AAD_PREMIUM_P2')],
    },
    {
      skuId: skuIds.visio,
      skuPartNumber: 'VISIOCLIENT',
      enabled: Math.ceil(seats / 10),
      servicePlans: [plan(planIds.visioOnline, 'VISIOONLINE')],
    },
  ];
}
