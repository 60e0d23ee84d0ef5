/** What is fixed about the test forest: one name, one administrator, one OU for customers. */

/** Its lock-out, age and complexity rules are those of a new domain; it guards nothing. */
export const adminPassword = 'Adm1n-Passw0rd!';
export const adminDN = 'CN=Administrator,CN=Users,DC=corp,DC=example';
export const baseDN = 'DC=corp,DC=example';
export const customersOU = `OU=Customers,${baseDN}`;
export const hostName = 'dc1.corp.example';
