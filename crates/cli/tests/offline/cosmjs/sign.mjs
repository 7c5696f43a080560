// CosmJS, unmodified, without a network: signs one payment in four ways. Prints one JSON object with the bytes in base64.
import { makeSignDoc as makeAminoDoc, createMultisigThresholdPubkey, pubkeyToAddress, Secp256k1HdWallet } from "@cosmjs/amino";
import { fromBase64, toBase64 } from "@cosmjs/encoding";
import { DirectSecp256k1HdWallet, Registry } from "@cosmjs/proto-signing";
import { AminoTypes, SigningStargateClient, createDefaultAminoConverters, defaultRegistryTypes, makeMultisignedTxBytes } from "@cosmjs/stargate";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";

const [chainId, accountNumber, sequence, first, second] = process.argv.slice(2);
const signer = { chainId, accountNumber: Number(accountNumber), sequence: Number(sequence) };
const registry = new Registry(defaultRegistryTypes);
const aminoTypes = new AminoTypes(createDefaultAminoConverters());
const fee = { amount: [{ denom: "uakt", amount: "5000" }], gas: "200000" };
const pay = (from) => [{
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress: from, toAddress: from, amount: [{ denom: "uakt", amount: "5" }] },
}];
const memo = "made by CosmJS <&>";

async function sign(wallet, from, messages) {
  const client = await SigningStargateClient.offline(wallet, { registry, aminoTypes });
  return client.sign(from, messages, fee, memo, signer);
}
const raw = (tx) => toBase64(TxRaw.encode(tx).finish());

const directWallet = await DirectSecp256k1HdWallet.fromMnemonic(first, { prefix: "akash" });
const aminoWallets = await Promise.all([first, second].map((words) => Secp256k1HdWallet.fromMnemonic(words, { prefix: "akash" })));
const accounts = await Promise.all(aminoWallets.map(async (wallet) => (await wallet.getAccounts())[0]));
const keys = accounts.map((account) => ({ type: "tendermint/PubKeySecp256k1", value: toBase64(account.pubkey) }));

const team = createMultisigThresholdPubkey(keys, 2, true);
const teamAddress = pubkeyToAddress(team, "akash");
const parts = new Map();
let body;
for (const [index, wallet] of aminoWallets.entries()) {
  const client = await SigningStargateClient.offline(wallet, { registry, aminoTypes });
  const { bodyBytes, signatures } = await client.sign(accounts[index].address, pay(teamAddress), fee, memo, signer);
  body = bodyBytes;
  parts.set(accounts[index].address, signatures[0]);
}

const data = "hello <&> Akash";
const document = makeAminoDoc(
  [{ type: "sign/MsgSignData", value: { signer: accounts[0].address, data: Buffer.from(data).toString("base64") } }],
  { gas: "0", amount: [] }, "", "", 0, 0,
);

console.log(JSON.stringify({
  address: accounts[0].address,
  direct: raw(await sign(directWallet, accounts[0].address, pay(accounts[0].address))),
  amino: raw(await sign(aminoWallets[0], accounts[0].address, pay(accounts[0].address))),
  team: teamAddress,
  multisig: toBase64(makeMultisignedTxBytes(team, signer.sequence, fee, body, parts)),
  signed: await aminoWallets[0].signAmino(accounts[0].address, document),
}));
