// The Akash TypeScript SDK, unmodified: every query that it has, over gRPC (its Node build) and over REST (its web build),
// with equal answers; then a transfer, a certificate, a provider, a deployment, a bid and a lease.
// Prints one JSON object; throws on any surprise.
import { strict as assert } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import { certificateManager, createChainNodeSDK, createStargateClient, generateManifest, generateManifestVersion, yaml } from "@akashnetwork/chain-sdk";
import { createChainNodeWebSDK } from "@akashnetwork/chain-sdk/web";
import { DirectSecp256k1Wallet } from "@cosmjs/proto-signing";

const [rpc, grpc, rest, tenantKey, providerKey] = process.argv.slice(2);

const account = async (hex) => {
  const signer = await DirectSecp256k1Wallet.fromKey(Uint8Array.from(Buffer.from(hex, "hex")), "akash");
  const client = createStargateClient({ baseUrl: rpc, signer });
  const sdk = createChainNodeSDK({ query: { baseUrl: grpc }, tx: { signer: client } });
  return { address: (await signer.getAccounts())[0].address, sdk };
};
const tenant = await account(tenantKey);
const provider = await account(providerKey);
const web = createChainNodeWebSDK({ query: { baseUrl: rest } });

// Long numbers as text: the SDK's two builds differ in whether a zero is signed.
const isLong = (one) => one !== null && typeof one === "object" && "low" in one && "high" in one && "unsigned" in one;
const text = (one) => String(one.unsigned || one.high >= 0 ? (BigInt(one.high >>> 0) << 32n) + BigInt(one.low >>> 0) : BigInt.asIntN(64, (BigInt(one.high >>> 0) << 32n) + BigInt(one.low >>> 0)));
// The web build reads neither what an Any holds nor durations, so only that they are there can be compared.
const has = (one, names) => one !== null && typeof one === "object" && Object.keys(one).join() === names;
const simple = (_, one) => (typeof one === "bigint" ? String(one) : isLong(one) ? text(one)
  : has(one, "typeUrl,value") ? "any" : has(one, "seconds,nanos") ? "duration" : one);
const plain = (value) => JSON.parse(JSON.stringify(value, simple));

// 1. The whole query surface. Fields that a request does not have are left aside by the SDK.
const denom = "uakt";
const address = tenant.address;
const everything = {
  address, owner: address, auditor: address, provider: address, granter: address, grantee: address, denom, name: "escrow",
  addressString: address, addressBytes: new Uint8Array(20), height: 1, accountId: 0, query: "tx.height>0", hash: "00",
  path: "/app/version", planName: "none", identifier: "day", xid: `${address}/1`, state: "open", subspace: "bank", key: "x",
  validatorAddress: address, validatorAddr: address, delegatorAddress: address, delegatorAddr: address, interfaceName: "x",
};
const ids = {
  "akash.deployment.v1beta4.getDeployment": { id: { owner: address, dseq: 1 } },
  "akash.deployment.v1beta4.getGroup": { id: { owner: address, dseq: 1, gseq: 1 } },
  "akash.market.v1beta5.getOrder": { id: { owner: address, dseq: 1, gseq: 1, oseq: 1 } },
  "akash.market.v1beta5.getBid": { id: { owner: address, dseq: 1, gseq: 1, oseq: 1, provider: address, bseq: 0 } },
  "akash.market.v1beta5.getLease": { id: { owner: address, dseq: 1, gseq: 1, oseq: 1, provider: address, bseq: 0 } },
};
const UNIMPLEMENTED = 12;
// They differ from one call to the next.
const moving = /getLatestBlock|getStatus|getLatestValidatorSet|getSyncing/;
// Kinds of messages that only a transaction service takes, and streams of a node's inside.
// The routes of cosmos.epochs are those of akash.epochs.
const left = /getBroadcastTx|getSimulate|getTxDecode|getTxEncode|cosmos\.store|tendermint\.abci|cosmos\.epochs/;

const functions = (tree, path = []) => Object.entries(tree).flatMap(([name, value]) =>
  typeof value === "function" ? [[...path, name].join(".")] : value && typeof value === "object" ? functions(value, [...path, name]) : []);
const at = (tree, path) => path.split(".").reduce((branch, name) => branch[name], tree);
const ask = async (sdk, path, input) => {
  try {
    return { answer: plain(await at(sdk, path)(input)) };
  } catch (error) {
    assert.equal(typeof error.code, "number", `${path}: ${error.stack}`);
    return { code: error.code, message: error.message };
  }
};
const queries = functions(tenant.sdk).filter((path) => /\.get[A-Z]/.test(path) && !left.test(path));
const answered = [], refused = [], unserved = [], different = [];
for (const path of queries) {
  const input = ids[path] ?? everything;
  const byGrpc = await ask(tenant.sdk, path, input);
  const byRest = await ask(web, path, input);
  const shown = `${path}\n gRPC ${JSON.stringify(byGrpc)}\n REST ${JSON.stringify(byRest)}`;
  // Methods without an annotation have no REST route, and some templates the SDK does not understand.
  const grpcOnly = /does not support grpc gateway|Cannot construct url/.test(byRest.message ?? "");
  const compared = ({ answer, code }) => (answer ? (moving.test(path) ? Object.keys(answer) : answer) : code);
  if (!grpcOnly && !isDeepStrictEqual(compared(byRest), compared(byGrpc))) different.push(shown);
  (byGrpc.answer ? answered : byGrpc.code === UNIMPLEMENTED ? unserved : refused).push(path);
}
assert.deepEqual(different, []);

// 2. A transfer.
const balance = async (sdk, of, denom) => BigInt((await sdk.cosmos.bank.v1beta1.getBalance({ address: of, denom })).balance.amount);
const had = await balance(web, provider.address, denom);
await tenant.sdk.cosmos.bank.v1beta1.send({ fromAddress: address, toAddress: provider.address, amount: [{ denom, amount: "5" }] });
assert.equal(await balance(web, provider.address, denom), had + 5n);
assert.equal(await balance(tenant.sdk, provider.address, denom), had + 5n);

// 3. A certificate.
const pem = await certificateManager.generatePEM(address);
await tenant.sdk.akash.cert.v1.createCertificate({ owner: address, cert: Buffer.from(pem.cert), pubkey: Buffer.from(pem.publicKey) });
for (const sdk of [tenant.sdk, web]) {
  const { certificates } = await sdk.akash.cert.v1.getCertificates({ filter: { owner: address, state: "valid" }, pagination: { limit: 5 } });
  assert.equal(Buffer.from(certificates[0].certificate.cert).toString(), pem.cert);
}

// 4. From a provider to a lease and back.
await provider.sdk.akash.provider.v1beta4.createProvider({
  owner: provider.address, hostUri: "https://provider.test:8443", attributes: [{ key: "region", value: "here" }], info: { email: "", website: "" },
});
const sdl = `
version: "2.0"
services: { web: { image: nginx, expose: [{ port: 80, as: 80, to: [{ global: true }] }] } }
profiles:
  compute: { web: { resources: { cpu: { units: 0.1 }, memory: { size: 32Mi }, storage: [{ size: 64Mi }] } } }
  placement: { here: { attributes: { region: here }, pricing: { web: { denom: uact, amount: 1000 } } } }
deployment: { web: { here: { profile: web, count: 1 } } }
`;
const made = generateManifest(yaml.template(sdl));
assert.ok(made.ok, JSON.stringify(made));
const { groups, groupSpecs } = made.value;
const dseq = 7;
await tenant.sdk.akash.deployment.v1beta4.createDeployment({
  id: { owner: address, dseq }, groups: groupSpecs, hash: await generateManifestVersion(groups),
  deposit: { amount: { denom: "uact", amount: "5000000" }, sources: [1] },
});
const { orders } = await web.akash.market.v1beta5.getOrders({ filters: { owner: address, state: "open" }, pagination: { limit: 10 } });
assert.equal(orders.length, 1);
const bid = { ...orders[0].id, provider: provider.address, bseq: 0 };
await provider.sdk.akash.market.v1beta5.createBid({
  id: bid, price: { denom: "uact", amount: "900" }, deposit: { amount: { denom: "uact", amount: "5000000" }, sources: [1] },
  resourcesOffer: orders[0].spec.resources.map((unit) => ({ resources: unit.resource, count: unit.count })),
});
assert.equal((await web.akash.market.v1beta5.getBid({ id: bid })).bid.price.denom, "uact");
await tenant.sdk.akash.market.v1beta5.createLease({ bidId: bid });
for (const sdk of [tenant.sdk, web]) {
  const { leases } = await sdk.akash.market.v1beta5.getLeases({ filters: { owner: address, state: "active" }, pagination: { limit: 10 } });
  assert.deepEqual(leases.map(({ lease }) => lease.id.provider), [provider.address]);
}
await provider.sdk.akash.market.v1beta5.withdrawLease({ id: bid });
await tenant.sdk.akash.deployment.v1beta4.closeDeployment({ id: { owner: address, dseq } });
const closed = await web.akash.market.v1beta5.getLease({ id: bid });
assert.equal(closed.lease.state, 3, JSON.stringify(plain(closed)));

console.log(JSON.stringify({ answered, refused, unserved }));
process.exit(0);
