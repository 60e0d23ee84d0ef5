"""Makes the forest corp.example in the folder of the given smb.conf, with OU=Customers.

The Python API and not samba-tool: only here can the file ACLs of sysvol be left out, which an unprivileged container
may not write and LDAP does not need.
"""

import logging
import os
import sys

from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.param import LoadParm
from samba.provision import FILL_FULL, provision

configuration, address, password = sys.argv[1:4]
folder = os.path.dirname(configuration)
for name in (
    "private", "state", "cache", "lock", "run", "log", "ncalrpc", "ntp", "winbindd", "tls",
    "sysvol/corp.example/scripts",
):
    os.makedirs(os.path.join(folder, name), exist_ok=True)

parameters = LoadParm()
parameters.load(configuration)
logging.basicConfig(level=logging.ERROR)
result = provision(
    logging.getLogger("provision"),
    system_session(),
    smbconf=configuration,
    lp=parameters,
    samdb_fill=FILL_FULL,
    realm="CORP.EXAMPLE",
    domain="CORP",
    hostname="dc1",
    hostip=address,
    adminpass=password,
    dns_backend="NONE",
    serverrole="dc",
    dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2,
    use_ntvfs=False,
    skip_sysvolacl=True,
    batch_mode=True,
)
result.samdb.add({"dn": "OU=Customers,DC=corp,DC=example", "objectClass": "organizationalUnit"})
