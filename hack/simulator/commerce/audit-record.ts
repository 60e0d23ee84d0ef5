/** An entry of the activity log (partner-center.md 8). */

export interface AuditRecord {
  readonly id: string;
  readonly partnerId: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly userPrincipalName: string | undefined;
  readonly applicationId: string;
  readonly resourceType: string;
  readonly resourceOldValue: string | undefined;
  readonly resourceNewValue: string | undefined;
  readonly operationType: string;
  readonly operationStatus: 'succeeded' | 'failed' | 'progress';
  readonly originalCorrelationId: string;
  readonly operationMs: number;
  readonly customizedData: readonly { readonly key: string; readonly value: string }[];
}
