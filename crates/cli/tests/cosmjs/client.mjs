// CosmJS, unmodified: connect, read a balance, send, find the transaction. Prints one JSON object; throws on any surprise.
import { strict as assert } from "node:assert";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { GasPrice, SigningStargateClient, StargateClient, coins } from "@cosmjs/stargate";

const [rpc, mnemonic, amount] = process.argv.slice(2);

const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "akash" });
const [{ address: sender }] = await wallet.getAccounts();
const [{ address: receiver }] = await (await DirectSecp256k1HdWallet.generate(12, { prefix: "akash" })).getAccounts();

const reader = await StargateClient.connect(rpc);
const chainId = await reader.getChainId();
const height = await reader.getHeight();
assert.ok(height > 0, `height ${height}`);
assert.equal((await reader.getBalance(receiver, "uakt")).amount, "0");
assert.equal(await reader.getAccount(receiver), null);

const client = await SigningStargateClient.connectWithSigner(rpc, wallet, { gasPrice: GasPrice.fromString("0.025uakt") });
const before = BigInt((await client.getBalance(sender, "uakt")).amount);
const sent = await client.sendTokens(sender, receiver, coins(amount, "uakt"), 1.3, "sent by CosmJS");
assert.equal(sent.code, 0, sent.rawLog);

assert.equal((await client.getBalance(receiver, "uakt")).amount, amount);
const spent = before - BigInt((await client.getBalance(sender, "uakt")).amount);
assert.ok(spent > BigInt(amount), "the fee was not taken");

const found = await client.getTx(sent.transactionHash);
assert.equal(found.hash, sent.transactionHash);
assert.equal(found.height, sent.height);
assert.ok(found.events.some((event) => event.type === "transfer"), "no transfer event");
const block = await client.getBlock(sent.height);
assert.equal(block.header.chainId, chainId);
assert.equal(block.txs.length, 1);

// A second transaction right after the first must find the next sequence.
const again = await client.sendTokens(sender, receiver, coins("1", "uakt"), "auto");
assert.equal(again.code, 0, again.rawLog);

console.log(JSON.stringify({ chainId, height, sender, receiver, hash: sent.transactionHash, gasUsed: Number(sent.gasUsed) }));
process.exit(0);
