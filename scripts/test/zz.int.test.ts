import { testServers } from '/work/main/test/support/infrastructure.js';
import assert from 'node:assert/strict';
import https from 'node:https'; import fs from 'node:fs';
describe('x',()=>{ it('servers', async ()=>{ const t=testServers(); console.log(t);
 const s=https.createServer({cert:fs.readFileSync(t.tlsCertFile),key:fs.readFileSync(t.tlsKeyFile)},(q,r)=>r.end('hi')).listen(0);
 const r=await fetch(`https://localhost:${(s.address() as any).port}/`); assert.equal(await r.text(),'hi');
 const r2=await fetch(`https://127.0.0.1:${(s.address() as any).port}/`); assert.equal(await r2.text(),'hi'); s.close(); s.closeAllConnections();
});});
