// Makes library_vectors.json: requests under the newer schemes, and what each provider's own library says about them. With node 20,
// in a folder of its own:
//   npm install livekit-server-sdk @upstash/qstash messagebird @vonage/jwt plivo braintree atlassian-jwt @metronome/sdk \
//     @anthropic-ai/sdk @hookdeck/sdk @turnkey/crypto google-auth-library svix standardwebhooks jose
//   node make_library_vectors.cjs > library_vectors.json
// Keys are made anew each time, so the file changes with every run.
const crypto = require('crypto');
const NOW = 1790000000;
Date.now = () => NOW * 1000;
const RealDate = Date;
global.Date = class extends RealDate {
  constructor(...a) { if (a.length) super(...a); else super(NOW * 1000); }
  static now() { return NOW * 1000; }
};
const b64 = (b) => Buffer.from(b).toString('base64');
const b64u = (b) => Buffer.from(b).toString('base64url');
const sha = (b) => crypto.createHash('sha256').update(b).digest();
const hs = (secret, payload, header) => {
  const input = b64u(JSON.stringify(header || { alg: 'HS256', typ: 'JWT' })) + '.' + b64u(JSON.stringify(payload));
  return input + '.' + b64u(crypto.createHmac('sha256', secret).update(input).digest());
};
const bodies = {
  json: '{"event":"room_started","n":[1,2.0]}',
  unicode: '{"n":"Zo\u00eb \ud83d\ude00","s":"a\\/b"}',
  newline: '{"a":1}\n',
};
const out = [];
const url = 'https://hooks.example.com/in/hook?a=1&b=x%20y';
async function add(scheme, name, source, secret, headers, body, verify, extra = {}) {
  let valid = true, message = '';
  try { const r = await verify(); if (r === false) { valid = false; message = 'false'; } } catch (e) { valid = false; message = String(e && e.message || e).slice(0, 120); }
  out.push({ id: scheme + '/' + name, scheme, source, method: extra.method || 'POST', url: extra.url || url, headers, body: b64(body), secret, now: NOW, valid, sdk_message: message, params: extra.params });
}
const version = (p) => { let d = require.resolve(p); while (!require('fs').existsSync(d + '/package.json') || !require(d + '/package.json').version) d = require('path').dirname(d); return p + '@' + require(d + '/package.json').version; };
(async () => {
  const { WebhookReceiver } = require('livekit-server-sdk');
  const lk = version('livekit-server-sdk');
  for (const [n, body] of Object.entries(bodies)) {
    const good = { iss: 'api-1', sha256: b64(sha(body)), exp: NOW + 60, nbf: NOW };
    for (const [k, p, b, s] of [['good', good, body], ['other-body', good, body + ' '], ['expired', { ...good, exp: NOW - 60 }, body], ['other-iss', { ...good, iss: 'x' }, body], ['no-hash', { ...good, sha256: undefined }, body], ['other-secret', good, body, 'other']]) {
      const token = hs(s || 'livekit-secret', p);
      await add('livekit', n + '-' + k, lk, 'livekit-secret', [['Authorization', token]], b, async () => { try { await new WebhookReceiver('api-1', 'livekit-secret').receive(b, token); } catch (e) { if (!/cannot decode|unknown|JSON|key "/i.test(e.message) || /sha256|claim|signature|exp/i.test(e.message)) throw e; } }, { params: { api_key: 'api-1' } });
    }
  }
  const { Receiver } = require('@upstash/qstash');
  const qs = version('@upstash/qstash');
  for (const [n, body] of Object.entries(bodies)) {
    const good = { iss: 'Upstash', sub: url, exp: NOW + 300, nbf: NOW, iat: NOW, jti: 'j', body: b64u(sha(body)) };
    for (const [k, p, b, s] of [['good', good, body], ['padded', { ...good, body: good.body + '=' }, body], ['other-body', good, body + ' '], ['other-url', { ...good, sub: url + 'x' }, body], ['other-iss', { ...good, iss: 'x' }, body], ['expired', { ...good, exp: NOW - 60 }, body], ['other-secret', good, body, 'other']]) {
      const token = hs(s || 'sig_current', p);
      await add('qstash', n + '-' + k, qs, 'sig_current', [['Upstash-Signature', token]], b, () => new Receiver({ currentSigningKey: 'sig_current', nextSigningKey: 'sig_next' }).verify({ signature: token, body: b, url }));
    }
  }
  const mb = require('messagebird/lib/webhook-signature-jwt');
  const mbv = version('messagebird');
  for (const [n, body] of Object.entries(bodies)) {
    const good = { iss: 'MessageBird', nbf: NOW, iat: NOW, exp: NOW + 60, jti: 'j', url_hash: sha(url).toString('hex'), payload_hash: sha(body).toString('hex') };
    for (const [k, p, b, s] of [['good', good, body], ['other-body', good, body + ' '], ['no-payload-hash', { ...good, payload_hash: undefined }, body], ['other-url', { ...good, url_hash: sha('x').toString('hex') }, body], ['no-jti', { ...good, jti: undefined }, body], ['skew', { ...good, exp: NOW - 4 }, body], ['expired', { ...good, exp: NOW - 6 }, body], ['early', { ...good, nbf: NOW + 4 }, body], ['too-early', { ...good, nbf: NOW + 6 }, body], ['other-secret', good, body, 'other']]) {
      const token = hs(s || 'mb-secret-of-any-length', p);
      await add('messagebird', n + '-' + k, mbv, 'mb-secret-of-any-length', [['MessageBird-Signature-JWT', token]], b, () => mb.verify(url, Buffer.from(b), token, crypto.createSecretKey(Buffer.from('mb-secret-of-any-length')), { ...new mb.VerifyOptions(), jwtVerifyOptions: { issuer: 'MessageBird', algorithms: ['HS256', 'HS384', 'HS512'], clockTolerance: 5, currentDate: new RealDate(NOW * 1000) } }));
    }
  }
  const vonage = require('@vonage/jwt');
  const vv = version('@vonage/jwt');
  for (const [n, body] of Object.entries(bodies)) {
    const good = { iss: 'Vonage', iat: NOW, jti: 'j', payload_hash: sha(body).toString('hex'), api_key: 'k' };
    for (const [k, s] of [['good'], ['other-secret', 'other']]) {
      const token = hs(s || 'vonage-secret', good);
      await add('vonage', n + '-' + k, vv, 'vonage-secret', [['Authorization', 'Bearer ' + token]], body, () => vonage.verifySignature(token, 'vonage-secret'));
    }
    const none = b64u('{"alg":"none"}') + '.' + b64u(JSON.stringify(good)) + '.';
    await add('vonage', n + '-none', vv, 'vonage-secret', [['Authorization', 'Bearer ' + none]], body, () => vonage.verifySignature(none, 'vonage-secret'));
  }
  const aj = require('atlassian-jwt');
  const ajv = version('atlassian-jwt');
  for (const [n, u] of Object.entries({ plain: url, none: 'https://hooks.example.com/in/hook', slash: 'https://hooks.example.com/in/hook/', repeated: 'https://hooks.example.com/a?b=2&a=z&b=1&c=%20~*!', jwt: 'https://hooks.example.com/a?jwt=x&z=1', amp: 'https://hooks.example.com/a&b/c?d=e', root: 'https://hooks.example.com/' })) {
    const req = aj.fromMethodAndUrl('POST', u);
    const claims = { iss: 'client', iat: NOW, exp: NOW + 180, qsh: aj.createQueryStringHash(req, false) };
    for (const [k, c] of [['good', claims], ['other-qsh', { ...claims, qsh: 'x' }], ['expired', { ...claims, exp: NOW - 60 }]]) {
      const token = aj.encodeSymmetric(c, 'shared');
      await add('atlassian-connect', n + '-' + k, ajv, 'shared', [['Authorization', 'JWT ' + token]], '{}', () => { const p = aj.decodeSymmetric(token, 'shared', 'HS256'); if (p.exp < NOW) throw new Error('expired'); if (p.qsh !== aj.createQueryStringHash(aj.fromMethodAndUrl('POST', u), false)) throw new Error('qsh'); }, { url: u });
    }
  }
  const plivo = require('plivo');
  const pv = version('plivo');
  const form = (o) => new URLSearchParams(o).toString();
  const { createHmac } = crypto;
  for (const [n, u, body, method] of [
    ['query', 'https://hooks.example.com/p?b=2&a=1', 'To=%2B1800&From=a+b&Body=caf%C3%A9', 'POST'],
    ['bare', 'https://hooks.example.com/p', 'To=%2B1800&From=a+b', 'POST'],
    ['nobody', 'https://hooks.example.com/p', '', 'POST'],
    ['query-nobody', 'https://hooks.example.com/p?z=1&a=%20x', '', 'POST'],
    ['repeated', 'https://hooks.example.com/p?b=2&b=1', 'A=2&A=1', 'POST'],
    ['port', 'https://hooks.example.com:8443/p', 'A=1', 'POST'],
    ['get', 'https://hooks.example.com/p?b=2&a=1', '', 'GET'],
  ]) {
    const params = {};
    for (const [k, v] of new URLSearchParams(body)) params[k] = k in params ? [].concat(params[k], v) : v;
    const nonce = '05429567804466091622';
    // the library only checks; its signature is found by asking what it would have made
    const q = {}; for (const [k, v] of new URL(u).searchParams) (q[k] = q[k] || []).push(v);
    const query = Object.keys(q).sort().map((k) => q[k].sort().map((v) => k + '=' + v).join('&')).join('&');
    const f = Object.keys(params).sort().map((k) => [].concat(params[k]).sort().map((v) => k + v).join('')).join('');
    let text = u.split('?')[0];
    if (query || f) text += '?';
    text += query + (query && f ? '.' : '') + f + '.' + nonce;
    const sig = createHmac('sha256', 'plivo-token').update(text).digest('base64');
    for (const [k, s] of [['good', sig], ['list', 'AAAA,' + sig], ['other', createHmac('sha256', 'x').update(text).digest('base64')]])
      await add('plivo-v3', n + '-' + k, pv, 'plivo-token', [['Content-Type', 'application/x-www-form-urlencoded'], ['X-Plivo-Signature-V3-Nonce', nonce], ['X-Plivo-Signature-V3', s]], body, () => plivo.validateV3Signature(method, u, nonce, 'plivo-token', s, params), { url: u, method });
  }
  const braintree = require('braintree');
  const bv = version('braintree');
  const gateway = new braintree.BraintreeGateway({ environment: braintree.Environment.Sandbox, merchantId: 'm', publicKey: 'pub-1', privateKey: 'priv-1' });
  const sample = await gateway.webhookTesting.sampleNotification(braintree.WebhookNotification.Kind.SubscriptionWentPastDue, 'my_id');
  for (const [k, change] of [['good', (s) => s], ['payload', (s) => ({ ...s, bt_payload: b64('<notification/>') })], ['signature', (s) => ({ ...s, bt_signature: s.bt_signature.replace(/[0-9a-f]{4}$/, '0000') })], ['several', (s) => ({ ...s, bt_signature: 'other|abc&' + s.bt_signature })]]) {
    const s = change(sample);
    await add('braintree', k, bv, 'priv-1', [['Content-Type', 'application/x-www-form-urlencoded']], form(s), () => gateway.webhookNotification.parse(s.bt_signature, s.bt_payload));
  }
  const Metronome = require('@metronome/sdk').default || require('@metronome/sdk');
  const mt = new Metronome({ bearerToken: 'x', webhookSecret: 'metronome' });
  const mv = version('@metronome/sdk');
  for (const [n, body] of Object.entries(bodies)) for (const [k, at, b] of [['good', 0, body], ['old', -301, body], ['edge', -300, body], ['early', 301, body], ['other-body', 0, body + ' ']]) {
    const date = new RealDate((NOW + at) * 1000).toUTCString();
    const sig = createHmac('sha256', 'metronome').update(date + '\n' + body).digest('hex');
    const headers = { 'X-Metronome-Date': date, 'Metronome-Webhook-Signature': sig };
    await add('metronome', n + '-' + k, mv, 'metronome', Object.entries(headers), b, () => mt.webhooks.verifySignature(b, headers, 'metronome'));
  }
  const Anthropic = require('@anthropic-ai/sdk').default || require('@anthropic-ai/sdk');
  const av = version('@anthropic-ai/sdk');
  const an = new Anthropic({ apiKey: 'x' });
  const wh = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  for (const [n, body] of Object.entries(bodies)) for (const [k, at, b] of [['good', 0, body], ['old', -301, body], ['early', 301, body], ['other-body', 0, body.replace('1', '2').replace('b', 'c')]]) {
    const sig = createHmac('sha256', Buffer.from(wh.slice(6), 'base64')).update('msg_1.' + (NOW + at) + '.' + body).digest('base64');
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(NOW + at), 'webhook-signature': 'v1,' + sig };
    await add('anthropic', n + '-' + k, av, wh, Object.entries(headers), b, () => an.beta.webhooks.unwrap(b, { headers, key: wh }));
    const { Webhook } = require('svix'); const sx = { 'svix-id': 'msg_1', 'svix-timestamp': String(NOW + at), 'svix-signature': 'v1,' + sig };
    await add('autumn', n + '-' + k, version('svix'), wh, Object.entries(sx), b, () => { new Webhook(wh).verify(b, sx); });
    const SW = require('standardwebhooks').Webhook;
    await add('granola', n + '-' + k, version('standardwebhooks'), wh, Object.entries(headers), b, () => { new SW(wh).verify(b, headers); });
  }
  const hd = require('@hookdeck/sdk/webhooks/helpers');
  const hv = version('@hookdeck/sdk');
  for (const [n, body] of Object.entries(bodies)) for (const [k, b, second] of [['good', body, false], ['second', body, true], ['other-body', body + ' ', false]]) {
    const sig = createHmac('sha256', 'hookdeck').update(body).digest('base64');
    const headers = second ? { 'x-hookdeck-signature': b64(sha('old')), 'x-hookdeck-signature-2': sig } : { 'x-hookdeck-signature': sig };
    await add('hookdeck', n + '-' + k, hv, 'hookdeck', Object.entries(headers), b, async () => (await hd.verifyWebhookSignature({ headers, rawBody: b, signingSecret: 'hookdeck', config: { checkSourceVerification: false } })).isValidSignature);
  }
  const tk = require('@turnkey/crypto');
  const tv = version('@turnkey/crypto');
  const seed = sha('turnkey');
  const priv = crypto.createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
  const pub = crypto.createPublicKey(priv).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  for (const [n, body] of Object.entries(bodies)) for (const [k, at, b, ver] of [['good', 0, body, 'v1'], ['old', -301, body, 'v1'], ['other-body', 0, body + ' ', 'v1'], ['version-2', 0, body, 'v2']]) {
    const ms = String((NOW + at) * 1000);
    const sig = crypto.sign(null, Buffer.from(ver + '.ed25519.key-1.' + ms + '.evt_1.' + body), priv).toString('hex');
    const headers = { 'x-turnkey-timestamp': ms, 'x-turnkey-event-id': 'evt_1', 'x-turnkey-signature-key-id': 'key-1', 'x-turnkey-signature-algorithm': 'ed25519', 'x-turnkey-signature-version': ver, 'x-turnkey-signature': sig };
    await add('turnkey', n + '-' + k, tv, pub, Object.entries(headers), b, async () => { const r = await tk.verifyTurnkeyWebhookSignature({ headers, body: b, verificationKeys: [{ keyId: 'key-1', publicKey: pub }], maxTimestampAgeMs: 300000, nowMs: NOW * 1000 }); if (r === false || r && r.ok === false || r && r.verified === false || r && r.valid === false) throw new Error(JSON.stringify(r)); });
  }
  // No library of the provider checks these; jose does what their documents say.
  const jose = await import('jose');
  const jv = version('jose');
  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = (k, kid, alg) => JSON.stringify({ keys: [{ ...k.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }] });
  for (const [n, body] of Object.entries(bodies)) {
    for (const [k, b, iat] of [['good', body, NOW], ['other-body', body + ' ', NOW], ['old', body, NOW - 301]]) {
      const token = await new jose.SignJWT({ request_body_sha256: sha(body).toString('hex') }).setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'JWT' }).setIssuedAt(iat).sign(ec.privateKey);
      await add('plaid', n + '-' + k, jv, jwks(ec, 'k1', 'ES256'), [['Plaid-Verification', token]], b, async () => { const { payload } = await jose.jwtVerify(token, ec.publicKey, { algorithms: ['ES256'], maxTokenAge: '5 min', currentDate: new RealDate(NOW * 1000) }); if (payload.request_body_sha256 !== sha(b).toString('hex')) throw new Error('body'); });
      const jws = await new jose.FlattenedSign(Buffer.from(body)).setProtectedHeader({ alg: 'RS512', kid: 'k1' }).sign(rsa.privateKey);
      if (k !== 'old') await add('fireblocks', n + '-' + k, jv, jwks(rsa, 'k1', 'RS512'), [['Fireblocks-Webhook-Signature', jws.protected + '..' + jws.signature]], b, async () => { await jose.flattenedVerify({ ...jws, payload: b64u(b) }, rsa.publicKey, { algorithms: ['RS512'] }); });
      const raw = await new jose.FlattenedSign(Buffer.from(body)).setProtectedHeader({ alg: 'RS256', kid: 'k1', b64: false, crit: ['b64'] }).sign(rsa.privateKey);
      if (k !== 'old') await add('saleor', n + '-' + k, jv, jwks(rsa, 'k1', 'RS256'), [['Saleor-Signature', raw.protected + '..' + raw.signature]], b, async () => { await jose.flattenedVerify({ ...raw, payload: Buffer.from(b) }, rsa.publicKey, { algorithms: ['RS256'] }); });
      const net = await new jose.SignJWT({ iss: 'netlify', sha256: sha(body).toString('hex') }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('netlify-secret'));
      if (k !== 'old') await add('netlify', n + '-' + k, jv, 'netlify-secret', [['X-Webhook-Signature', net]], b, async () => { const { payload } = await jose.jwtVerify(net, Buffer.from('netlify-secret'), { algorithms: ['HS256'], issuer: 'netlify' }); if (payload.sha256 !== sha(b).toString('hex')) throw new Error('body'); });
      const fa = await new jose.SignJWT({ request_body_sha256: b64(sha(body)) }).setProtectedHeader({ alg: 'EdDSA', kid: 'k1' }).sign(priv);
      const edset = JSON.stringify({ keys: [{ ...crypto.createPublicKey(priv).export({ format: 'jwk' }), kid: 'k1', alg: 'EdDSA' }] });
      if (k !== 'old') await add('fusionauth', n + '-' + k, jv, edset, [['X-FusionAuth-Signature-JWT', fa]], b, async () => { const { payload } = await jose.jwtVerify(fa, crypto.createPublicKey(priv), { algorithms: ['EdDSA'] }); if (payload.request_body_sha256 !== b64(sha(b))) throw new Error('body'); });
    }
  }
  const { OAuth2Client } = require('google-auth-library');
  const gv = version('google-auth-library');
  const cert = { k1: rsa.publicKey.export({ format: 'pem', type: 'spki' }) };
  for (const [k, c, good] of [['good', {}], ['other-aud', { aud: 'x' }], ['other-iss', { iss: 'x' }], ['expired', { iat: NOW - 8000, exp: NOW - 4000 }]]) {
    const claims = { iss: 'https://accounts.google.com', aud: 'aud-1', email: 'a@example.com', email_verified: true, sub: '1', iat: NOW, exp: NOW + 3600, ...c };
    const token = await new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(rsa.privateKey);
    await add('google-pubsub', k, gv, jwks(rsa, 'k1', 'RS256'), [['Authorization', 'Bearer ' + token]], '{}', () => new OAuth2Client().verifySignedJwtWithCertsAsync(token, cert, 'aud-1', ['https://accounts.google.com', 'accounts.google.com']), { params: { audience: 'aud-1', email: 'a@example.com' } });
  }
  // no library for this one: the published text of the document, signed with node's own ed25519
  const edset = JSON.stringify({ keys: [{ ...crypto.createPublicKey(priv).export({ format: 'jwk' }), kid: 'k1' }] });
  for (const [n, body] of Object.entries(bodies)) for (const [k, b] of [['good', body], ['other-body', body + ' ']]) {
    const text = ['req_1', 'user_1', String(NOW), sha(body).toString('hex')].join('\n');
    const sig = crypto.sign(null, Buffer.from(text), priv);
    const check = ['req_1', 'user_1', String(NOW), sha(b).toString('hex')].join('\n');
    await add('fal', n + '-' + k, 'document, node crypto', edset, [['X-Fal-Webhook-Request-Id', 'req_1'], ['X-Fal-Webhook-User-Id', 'user_1'], ['X-Fal-Webhook-Timestamp', String(NOW)], ['X-Fal-Webhook-Signature', sig.toString('hex')]], b, () => crypto.verify(null, Buffer.from(check), crypto.createPublicKey(priv), sig));
    const sig512 = crypto.sign('sha512', Buffer.from(body), rsa.privateKey);
    await add('fireblocks-legacy', n + '-' + k, 'document, node crypto', rsa.publicKey.export({ format: 'pem', type: 'spki' }), [['Fireblocks-Signature', sig512.toString('base64')]], b, () => crypto.verify('sha512', Buffer.from(b), rsa.publicKey, sig512));
  }
  process.stdout.write('[\n' + out.map((v) => JSON.stringify(v)).join(',\n') + '\n]\n');
})();
