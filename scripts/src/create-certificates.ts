// Makes the certificates of the local servers in TLS_FOLDER, for localhost and TLS_NAMES (a step of docker-compose.yml).
import { loadCertificates } from './stack/certificates.js';

const { TLS_FOLDER: folder, TLS_NAMES: names = '' } = process.env;
if (!folder) throw new Error('TLS_FOLDER is not set; name the folder that takes ca.pem, cert.pem and key.pem');
await loadCertificates(folder, { now: new Date(), names: names.split(',').filter((name) => name !== '') });
console.log('the certificates are there');
