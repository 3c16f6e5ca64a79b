// Makes the certificates of the local servers in TLS_FOLDER, for localhost and TLS_NAMES (a step of docker-compose.yml);
// TRUST_FOLDER takes a copy of what their clients need, without the key.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCertificates } from './stack/certificates.js';

const { TLS_FOLDER: folder, TLS_NAMES: names = '', TRUST_FOLDER: trust } = process.env;
if (!folder) throw new Error('TLS_FOLDER is not set; name the folder that takes ca.pem, cert.pem and key.pem');
const { caFile } = await loadCertificates(folder, {
  now: new Date(),
  names: names.split(',').filter((name) => name !== ''),
});
if (trust) copyFileSync(caFile, join(trust, 'ca.pem'));
console.log('the certificates are there');
