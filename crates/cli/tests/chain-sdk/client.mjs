// The Akash TypeScript SDK, unmodified: a transfer, a certificate, a provider and what an auditor says of it, then the
// whole life of a deployment: bid, lease, update, deposit, withdraw, close. Before, in the middle and at the end it asks
// every query that it has, over gRPC and over REST; what the SDK does not have is asked by reflection.
// Prints one JSON object; throws on any surprise.
import { strict as assert } from "node:assert";
import { certificateManager, createChainNodeSDK, createStargateClient, generateManifest, generateManifestVersion, yaml } from "@akashnetwork/chain-sdk";
import { createChainNodeWebSDK } from "@akashnetwork/chain-sdk/web";
import { DirectSecp256k1Wallet, Registry } from "@cosmjs/proto-signing";
import { GasPrice, SigningStargateClient } from "@cosmjs/stargate";
import { discover, everyMethod, signable } from "./reflection.mjs";
import { plain, sweep } from "./surface.mjs";

const [rpc, grpc, rest, tenantKey, providerKey] = process.argv.slice(2);

const account = async (hex) => {
  const signer = await DirectSecp256k1Wallet.fromKey(Uint8Array.from(Buffer.from(hex, "hex")), "akash");
  const client = createStargateClient({ baseUrl: rpc, signer });
  const sdk = createChainNodeSDK({ query: { baseUrl: grpc }, tx: { signer: client } });
  return { address: (await signer.getAccounts())[0].address, signer, sdk };
};
const tenant = await account(tenantKey);
const provider = await account(providerKey);
const web = createChainNodeWebSDK({ query: { baseUrl: rest } });
const both = [tenant.sdk, web];
const address = tenant.address;
const [dseq, waitingDseq] = [7, 8];

// What the queries are about.
const denom = "uakt";
const everything = {
  address, owner: address, auditor: address, provider: provider.address, granter: address, grantee: address, denom, name: "escrow",
  addressString: address, addressBytes: new Uint8Array(20), height: 1, accountId: 0, query: "tx.height>0", hash: "00",
  path: "/app/version", planName: "none", identifier: "day", xid: `deployment/${address}/${dseq}`, state: "", subspace: "bank", key: "x",
  validatorAddress: address, validatorAddr: address, delegatorAddress: address, delegatorAddr: address, interfaceName: "x",
  filter: { owner: address }, filters: { owner: address },
};
const group = { owner: address, dseq, gseq: 1 };
const order = { ...group, oseq: 1 };
const bid = { ...order, provider: provider.address, bseq: 0 };
const special = {
  "akash.audit.v1.getProviderAttributes": { owner: provider.address },
  "akash.audit.v1.getProviderAuditorAttributes": { owner: provider.address },
  "akash.deployment.v1beta4.getDeployment": { id: { owner: address, dseq } },
  "akash.deployment.v1beta4.getGroup": { id: group },
  "akash.market.v1beta5.getOrder": { id: order },
  "akash.market.v1beta5.getBid": { id: bid },
  "akash.market.v1beta5.getLease": { id: bid },
  "akash.provider.v1beta4.getProvider": { owner: provider.address },
};
const before = await sweep(tenant.sdk, web, everything, special);

// A transfer.
const balance = async (sdk, of, denom) => BigInt((await sdk.cosmos.bank.v1beta1.getBalance({ address: of, denom })).balance.amount);
const had = await balance(web, provider.address, denom);
await tenant.sdk.cosmos.bank.v1beta1.send({ fromAddress: address, toAddress: provider.address, amount: [{ denom, amount: "5" }] });
for (const sdk of both) assert.equal(await balance(sdk, provider.address, denom), had + 5n);

// A certificate.
const pem = await certificateManager.generatePEM(address);
await tenant.sdk.akash.cert.v1.createCertificate({ owner: address, cert: Buffer.from(pem.cert), pubkey: Buffer.from(pem.publicKey) });
for (const sdk of both) {
  const { certificates } = await sdk.akash.cert.v1.getCertificates({ filter: { owner: address, state: "valid" }, pagination: { limit: 5 } });
  assert.equal(Buffer.from(certificates[0].certificate.cert).toString(), pem.cert);
}

// A provider, and what the tenant says of it as an auditor.
const attributes = [{ key: "region", value: "here" }];
await provider.sdk.akash.provider.v1beta4.createProvider({ owner: provider.address, hostUri: "https://provider.test:8443", attributes, info: { email: "", website: "" } });
await tenant.sdk.akash.audit.v1.signProviderAttributes({ owner: provider.address, auditor: address, attributes });

// A deployment.
const sdl = (image) => `
version: "2.0"
services: { web: { image: ${image}, expose: [{ port: 80, as: 80, to: [{ global: true }] }] } }
profiles:
  compute: { web: { resources: { cpu: { units: 0.1 }, memory: { size: 32Mi }, storage: [{ size: 64Mi }] } } }
  placement: { here: { attributes: { region: here }, pricing: { web: { denom: uact, amount: 1000 } } } }
deployment: { web: { here: { profile: web, count: 1 } } }
`;
const manifest = (image) => {
  const made = generateManifest(yaml.template(sdl(image)));
  assert.ok(made.ok, JSON.stringify(made));
  return made.value;
};
const [DEPOSIT, MORE, RATE, UNIT] = [5_000_000n, 3_000_000n, 900n, 10n ** 18n];
const uact = (amount) => ({ amount: { denom: "uact", amount: String(amount) }, sources: [1] });
const { groups, groupSpecs } = manifest("nginx");
const hash = await generateManifestVersion(groups);
const tenantHad = await balance(web, address, "uact"), providerHad = await balance(web, provider.address, "uact");
for (const number of [dseq, waitingDseq]) {
  await tenant.sdk.akash.deployment.v1beta4.createDeployment({ id: { owner: address, dseq: number }, groups: groupSpecs, hash, deposit: uact(DEPOSIT) });
}
const { orders } = await tenant.sdk.akash.market.v1beta5.getOrders({ filters: { owner: address, dseq, state: "open" }, pagination: { limit: 10 } });
assert.equal(orders.length, 1);

// A bid and a lease.
await provider.sdk.akash.market.v1beta5.createBid({
  id: bid, price: { denom: "uact", amount: String(RATE) }, deposit: uact(DEPOSIT),
  resourcesOffer: orders[0].spec.resources.map((unit) => ({ resources: unit.resource, count: unit.count })),
});
assert.equal((await web.akash.market.v1beta5.getBid({ id: bid })).bid.price.denom, "uact");
await tenant.sdk.akash.market.v1beta5.createLease({ bidId: bid });
for (const sdk of both) {
  const { leases } = await sdk.akash.market.v1beta5.getLeases({ filters: { owner: address, state: "active" }, pagination: { limit: 10 } });
  assert.deepEqual(leases.map(({ lease }) => lease.id.provider), [provider.address]);
}

// The order that nobody fills shall expire: a message that the SDK does not have.
const expiry = "akash.ext.market.v1.MsgSetOrderExpiry";
const node = await discover(grpc, [expiry]);
const signing = await SigningStargateClient.connectWithSigner(rpc, tenant.signer, {
  gasPrice: GasPrice.fromString("0.025uakt"), registry: new Registry([signable(node.registry, expiry)]),
});
const expiresAt = await signing.getHeight() + 1_000_000;
const waiting = { owner: address, dseq: BigInt(waitingDseq), gseq: 1, oseq: 1 };
const set = await signing.signAndBroadcast(address, [{ typeUrl: `/${expiry}`, value: { id: waiting, expiresAt: BigInt(expiresAt) } }], 1.5);
assert.equal(set.code, 0, set.rawLog);

// Every query while there is something to see.
const during = await sweep(tenant.sdk, web, everything, special);
const lists = {
  "audit.v1.getAllProvidersAttributes": "providers", "audit.v1.getProviderAttributes": "providers", "audit.v1.getProviderAuditorAttributes": "providers",
  "audit.v1.getAuditorAttributes": "providers", "cert.v1.getCertificates": "certificates", "deployment.v1beta4.getDeployments": "deployments",
  "epochs.v1beta1.getEpochInfos": "epochs", "escrow.v1.getAccounts": "accounts", "escrow.v1.getPayments": "payments", "market.v1beta5.getOrders": "orders",
  "market.v1beta5.getBids": "bids", "market.v1beta5.getLeases": "leases", "provider.v1beta4.getProviders": "providers",
};
for (const [name, list] of Object.entries(lists)) assert.ok(during.answers[`akash.${name}`].answer?.[list].length > 0, `${name}: ${JSON.stringify(during.answers[`akash.${name}`])}`);

// The same and what the SDK does not know, by reflection, at one height.
const height = await signing.getHeight();
const called = await everyMethod(node, rest, /^akash\..*\.Query$/, height, {
  "akash.audit.v1.Query/ProviderAttributes": { owner: provider.address },
  "akash.audit.v1.Query/ProviderAuditorAttributes": { owner: provider.address, auditor: address },
  "akash.audit.v1.Query/AuditorAttributes": { auditor: address },
  "akash.cert.v1.Query/Certificates": { filter: { owner: address, state: "valid" } },
  "akash.deployment.v1beta4.Query/Deployments": { filters: { owner: address, state: "active" } },
  "akash.deployment.v1beta4.Query/Deployment": { id: { owner: address, dseq } },
  "akash.deployment.v1beta4.Query/Group": { id: group },
  "akash.epochs.v1beta1.Query/CurrentEpoch": { identifier: "day" },
  "akash.escrow.v1.Query/Accounts": { state: "open", xid: `deployment/${address}/${dseq}` },
  "akash.escrow.v1.Query/Payments": { state: "open", xid: `deployment/${address}/${dseq}` },
  "akash.ext.escrow.v1.Query/Forecast": { owner: address, dseq },
  "akash.ext.market.v1.Query/OrderExpiries": { owner: address },
  "akash.market.v1beta5.Query/Orders": { filters: { owner: address, state: "open" } },
  "akash.market.v1beta5.Query/Order": { id: order },
  "akash.market.v1beta5.Query/Bids": { filters: { provider: provider.address, state: "active" } },
  "akash.market.v1beta5.Query/Bid": { id: bid },
  "akash.market.v1beta5.Query/Leases": { filters: { provider: provider.address, state: "active" } },
  "akash.market.v1beta5.Query/Lease": { id: bid },
  "akash.provider.v1beta4.Query/Provider": { owner: provider.address },
});
const [funds] = called["akash.ext.escrow.v1.Query/Forecast"].funds;
assert.deepEqual(funds.ratePerBlock, { denom: "uact", amount: String(RATE * UNIT) });
assert.equal(BigInt(funds.balance.amount) % (RATE * UNIT), DEPOSIT * UNIT % (RATE * UNIT), JSON.stringify(funds));
assert.ok(BigInt(funds.balance.amount) < DEPOSIT * UNIT);
const { orderExpiries } = called["akash.ext.market.v1.Query/OrderExpiries"];
assert.deepEqual(orderExpiries, [{ id: plain(waiting), expiresAt: String(expiresAt) }]);

// Another manifest.
const newHash = await generateManifestVersion(manifest("nginx:1.27").groups);
assert.notDeepEqual(newHash, hash);
const storedHash = async (sdk) => Buffer.from((await sdk.akash.deployment.v1beta4.getDeployment({ id: { owner: address, dseq } })).deployment.hash).toString("hex");
for (const sdk of both) assert.equal(await storedHash(sdk), Buffer.from(hash).toString("hex"));
await tenant.sdk.akash.deployment.v1beta4.updateDeployment({ id: { owner: address, dseq }, hash: newHash });
for (const sdk of both) assert.equal(await storedHash(sdk), Buffer.from(newHash).toString("hex"));

// A deposit: the account has that much more, and the tenant that much less.
const sum = (coins) => coins.reduce((sum, { denom, amount }) => { assert.equal(denom, "uact"); return sum + BigInt(amount); }, 0n);
const escrow = async (sdk) => {
  const xid = `deployment/${address}/${dseq}`;
  const { accounts: [{ state: account }] } = await sdk.akash.escrow.v1.getAccounts({ state: "", xid });
  const { payments: [{ state: payment }] } = await sdk.akash.escrow.v1.getPayments({ state: "", xid });
  return { state: account.state, left: sum(account.funds), spent: sum(account.transferred), deposits: account.deposits, payment };
};
const CLOSED = 2;
const asked = await balance(web, address, "uact");
assert.equal(asked, tenantHad - 2n * DEPOSIT);
const poorer = await escrow(tenant.sdk);
assert.equal(poorer.left + poorer.spent, DEPOSIT);
await tenant.sdk.akash.escrow.v1.accountDeposit({ signer: address, id: { scope: 1, xid: `${address}/${dseq}` }, deposit: uact(MORE) });
const richer = await escrow(tenant.sdk);
assert.equal(richer.left + richer.spent, DEPOSIT + MORE);
assert.equal(richer.deposits.length, 2);
for (const sdk of both) assert.equal(await balance(sdk, address, "uact"), asked - MORE);

// A withdrawal: what the lease has earned goes to the provider, less the fee.
const providerBefore = await balance(web, provider.address, "uact");
assert.equal(providerBefore, providerHad - DEPOSIT);
assert.equal(richer.payment.withdrawn.amount, "0");
await provider.sdk.akash.market.v1beta5.withdrawLease({ id: bid });
const paid = await escrow(tenant.sdk);
const withdrawn = BigInt(paid.payment.withdrawn.amount);
assert.ok(withdrawn > 0n && withdrawn % RATE === 0n, String(withdrawn));
assert.equal(paid.spent, withdrawn);
assert.equal(paid.left, DEPOSIT + MORE - withdrawn);
const { params: take } = await web.akash.take.v1.getParams({});
const rate = BigInt(take.denomTakeRates.find(({ denom }) => denom === "uact")?.rate ?? take.defaultTakeRate);
const net = (amount) => amount - amount * rate / 100n;
assert.equal(await balance(web, provider.address, "uact") - providerBefore, net(withdrawn));

// The end: everything is paid, the rest goes back, and nothing is open.
for (const number of [dseq, waitingDseq]) await tenant.sdk.akash.deployment.v1beta4.closeDeployment({ id: { owner: address, dseq: number } });
for (const sdk of both) {
  const { deployment } = await sdk.akash.deployment.v1beta4.getDeployment({ id: { owner: address, dseq } });
  const { lease } = await sdk.akash.market.v1beta5.getLease({ id: bid });
  assert.deepEqual([deployment.state, lease.state], [2, 3], JSON.stringify(plain({ deployment, lease })));
}
const ended = await escrow(tenant.sdk);
assert.deepEqual([ended.state, ended.payment.state, ended.left], [CLOSED, CLOSED, 0n]);
const earned = BigInt(ended.payment.withdrawn.amount);
assert.ok(earned > withdrawn);
for (const sdk of both) {
  assert.equal(await balance(sdk, address, "uact"), tenantHad - earned);
  const gained = await balance(sdk, provider.address, "uact") - providerHad;
  assert.ok(gained >= net(earned) && gained <= net(earned) + 1n, `${gained} of ${earned}`);
}
await sweep(tenant.sdk, web, everything, special);

console.log(JSON.stringify({ answered: during.answered, refused: during.refused, unserved: during.unserved, before: before.answered, called }));
process.exit(0);
