// Every query that the SDK has, over gRPC (its Node build) and over REST (its web build).
import { strict as assert } from "node:assert";
import { isDeepStrictEqual } from "node:util";

// Long numbers as text: the SDK's two builds differ in whether a zero is signed.
const isLong = (one) => one !== null && typeof one === "object" && "low" in one && "high" in one && "unsigned" in one;
const text = (one) => String(one.unsigned || one.high >= 0 ? (BigInt(one.high >>> 0) << 32n) + BigInt(one.low >>> 0) : BigInt.asIntN(64, (BigInt(one.high >>> 0) << 32n) + BigInt(one.low >>> 0)));
// The web build reads neither what an Any holds nor durations, and numbers of resources as base64: only that they are
// there can be compared.
const has = (one, names) => one !== null && typeof one === "object" && Object.keys(one).join() === names;
// Decimals: the web build leaves them as they came, with 18 places.
const decimal = (one) => (typeof one === "string" && /^\d+\.\d{18}$/.test(one) ? one.replace(/\.?0+$/, "") : one);
const simple = (_, one) => (typeof one === "bigint" ? String(one) : isLong(one) ? text(one)
  : has(one, "typeUrl,value") ? "any" : has(one, "seconds,nanos") ? "duration" : has(one, "val") ? "number" : decimal(one));
export const plain = (value) => JSON.parse(JSON.stringify(value, simple));

const UNIMPLEMENTED = 12;
// They differ from one call to the next.
const moving = /getLatestBlock|getStatus|getLatestValidatorSet|getSyncing/;
// Kinds of messages that only a transaction service takes, and streams of a node's inside.
// The routes of cosmos.epochs are those of akash.epochs.
const left = /getBroadcastTx|getSimulate|getTxDecode|getTxEncode|cosmos\.store|tendermint\.abci|cosmos\.epochs/;
// A block may come between the two calls.
const TRIES = 5;

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

// Fields that a request does not have are left aside by the SDK. The two builds must answer alike.
// Gives the names of the queries by what came of them, and the answers.
export async function sweep(sdk, web, everything, special) {
  const found = { answered: [], refused: [], unserved: [] };
  const answers = {}, different = [];
  for (const path of functions(sdk).filter((path) => /\.get[A-Z]/.test(path) && !left.test(path))) {
    const input = { ...everything, ...special[path] };
    const compared = ({ answer, code }) => (answer ? (moving.test(path) ? Object.keys(answer) : answer) : code);
    let byGrpc, byRest, same = false;
    for (let tried = 0; tried < TRIES && !same; tried += 1) {
      byGrpc = await ask(sdk, path, input);
      byRest = await ask(web, path, input);
      // Methods without an annotation have no REST route, and some templates the SDK does not understand.
      same = /does not support grpc gateway|Cannot construct url/.test(byRest.message ?? "") || isDeepStrictEqual(compared(byRest), compared(byGrpc));
    }
    if (!same) different.push(`${path}\n gRPC ${JSON.stringify(byGrpc)}\n REST ${JSON.stringify(byRest)}`);
    (byGrpc.answer ? found.answered : byGrpc.code === UNIMPLEMENTED ? found.unserved : found.refused).push(path);
    answers[path] = byGrpc;
  }
  assert.deepEqual(different, []);
  return { ...found, answers };
}
