// CosmJS, unmodified: connect, read balances, send with direct and amino signing, send from a multisig account, search
// transactions, subscribe to blocks. Prints one JSON object; throws on any surprise.
import { strict as assert } from "node:assert";
import { createMultisigThresholdPubkey, pubkeyToAddress, Secp256k1Wallet } from "@cosmjs/amino";
import { DirectSecp256k1HdWallet, DirectSecp256k1Wallet } from "@cosmjs/proto-signing";
import { GasPrice, SigningStargateClient, StargateClient, coins, makeMultisignedTxBytes } from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";

const [rpc, keyHex, amount] = process.argv.slice(2);
const key = Uint8Array.from(Buffer.from(keyHex, "hex"));
const options = { gasPrice: GasPrice.fromString("0.025uakt") };

const wallet = await DirectSecp256k1Wallet.fromKey(key, "akash");
const [{ address: sender }] = await wallet.getAccounts();
const fresh = async () => (await (await DirectSecp256k1HdWallet.generate(12, { prefix: "akash" })).getAccounts())[0].address;
const receiver = await fresh();

const reader = await StargateClient.connect(rpc);
const chainId = await reader.getChainId();
assert.ok((await reader.getHeight()) > 0);
assert.equal((await reader.getBalance(receiver, "uakt")).amount, "0");
assert.equal(await reader.getAccount(receiver), null);
assert.deepEqual((await reader.getAllBalances(sender)).map((coin) => coin.denom), ["uact", "uakt"]);

// Direct signing.
const client = await SigningStargateClient.connectWithSigner(rpc, wallet, options);
const before = BigInt((await client.getBalance(sender, "uakt")).amount);
const sent = await client.sendTokens(sender, receiver, coins(amount, "uakt"), 1.3, "sent by CosmJS");
assert.equal(sent.code, 0, sent.rawLog);
assert.equal((await client.getBalance(receiver, "uakt")).amount, amount);
const spent = before - BigInt((await client.getBalance(sender, "uakt")).amount);
assert.ok(spent > BigInt(amount), "the fee was not taken");
const found = await client.getTx(sent.transactionHash);
assert.deepEqual([found.hash, found.height], [sent.transactionHash, sent.height]);
assert.ok(found.events.some((event) => event.type === "transfer"), "no transfer event");
const block = await client.getBlock(sent.height);
assert.deepEqual([block.header.chainId, block.txs.length], [chainId, 1]);

// A second transaction right after the first finds the next sequence.
const again = await client.sendTokens(sender, receiver, coins("1", "uakt"), "auto");
assert.equal(again.code, 0, again.rawLog);

// Amino signing, as hardware wallets do.
const aminoWallet = await Secp256k1Wallet.fromKey(key, "akash");
const amino = await SigningStargateClient.connectWithSigner(rpc, aminoWallet, options);
const byAmino = await amino.sendTokens(sender, receiver, coins("2", "uakt"), { amount: coins("5000", "uakt"), gas: "200000" }, "é & <amino>");
assert.equal(byAmino.code, 0, byAmino.rawLog);

// Two of three keys send from their common account.
const members = await Promise.all([1, 2, 3].map((byte) => Secp256k1Wallet.fromKey(new Uint8Array(32).fill(byte), "akash")));
const publicKeys = await Promise.all(members.map(async (member) => {
  const [account] = await member.getAccounts();
  return { type: "tendermint/PubKeySecp256k1", value: Buffer.from(account.pubkey).toString("base64") };
}));
const common = createMultisigThresholdPubkey(publicKeys, 2);
const commonAddress = pubkeyToAddress(common, "akash");
const funded = await client.sendTokens(sender, commonAddress, coins("100000", "uakt"), "auto");
assert.equal(funded.code, 0, funded.rawLog);
const { accountNumber, sequence } = await client.getSequence(commonAddress);
const message = {
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress: commonAddress, toAddress: receiver, amount: coins("3", "uakt") },
};
const fee = { amount: coins("6000", "uakt"), gas: "240000" };
const signatures = new Map();
let bodyBytes;
for (const member of members.slice(1)) {
  const [{ address }] = await member.getAccounts();
  const offline = await SigningStargateClient.offline(member);
  const signed = await offline.sign(address, [message], fee, "", { accountNumber, sequence, chainId });
  signatures.set(address, signed.signatures[0]);
  bodyBytes = signed.bodyBytes;
}
const bytes = makeMultisignedTxBytes(common, sequence, fee, bodyBytes, signatures);
const byMany = await client.broadcastTx(bytes);
assert.equal(byMany.code, 0, byMany.rawLog);
assert.equal((await client.getBalance(receiver, "uakt")).amount, String(BigInt(amount) + 1n + 2n + 3n));

// Search, by events and by a whole query.
const received = await client.searchTx([{ key: "transfer.recipient", value: receiver }]);
assert.deepEqual(received.map((tx) => tx.hash), [sent, again, byAmino, byMany].map((tx) => tx.transactionHash));
const newer = await client.searchTx(`transfer.recipient='${receiver}' AND tx.height>${sent.height}`);
assert.equal(newer.length, 3);

// Subscriptions.
const comet = await Comet38Client.connect(rpc.replace("http", "ws"));
const heights = await new Promise((resolve, reject) => {
  const seen = [];
  const subscription = comet.subscribeNewBlock().subscribe({
    next: (event) => { if (seen.push(event.header.height) === 3) { subscription.unsubscribe(); resolve(seen); } },
    error: reject,
  });
});
assert.deepEqual(heights, [heights[0], heights[0] + 1, heights[0] + 2]);
const announced = new Promise((resolve, reject) => comet.subscribeTx(`transfer.recipient='${receiver}'`).subscribe({ next: resolve, error: reject }));
const last = await client.sendTokens(sender, receiver, coins("4", "uakt"), "auto");
assert.equal((await announced).height, last.height);
comet.disconnect();

console.log(JSON.stringify({ chainId, sender, receiver, hash: sent.transactionHash, gasUsed: Number(sent.gasUsed), multisig: commonAddress }));
process.exit(0);
