/** LDAP controls of Active Directory. */
import { Ber, BerWriter, Control } from 'ldapts';

/** DNs come as `<GUID=…>;<SID=…>;CN=…`, GUIDs in text form (MS-ADTS 3.1.1.3.4.1.5). */
class ExtendedDn extends Control {
  constructor() {
    super('1.2.840.113556.1.4.529', { critical: true });
  }

  protected override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(1);
    value.endSequence();
    writer.writeBuffer(value.buffer, Ber.OctetString);
  }
}

export function extendedDn(): Control {
  return new ExtendedDn();
}

/** Of a security descriptor the DACL alone is read and written (MS-ADTS 3.1.1.3.4.1.11). */
class SecurityDescriptorFlags extends Control {
  constructor() {
    super('1.2.840.113556.1.4.801', { critical: true });
  }

  protected override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(4);
    value.endSequence();
    writer.writeBuffer(value.buffer, Ber.OctetString);
  }
}

export function ownAccessList(): Control {
  return new SecurityDescriptorFlags();
}

/** Deleted objects are found too. */
export function showDeleted(): Control {
  return new Control('1.2.840.113556.1.4.417', { critical: true });
}

/** No referrals to other naming contexts. */
export function domainScope(): Control {
  return new Control('1.2.840.113556.1.4.1339', { critical: true });
}

/** A value that is there already is no error. */
export function permissiveModify(): Control {
  return new Control('1.2.840.113556.1.4.1413', { critical: true });
}
