// A client that knows no message beforehand: it learns services and messages from the node's reflection, then calls
// every method over gRPC and its declared route over REST, and compares the JSON of both.
import { strict as assert } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import { createFileRegistry, fromBinary, fromJson, getOption, toBinary, toJson, create } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

const [STRING, BYTES, MESSAGE] = ["STRING", "BYTES", "MESSAGE"].map((name) => `TYPE_${name}`);
const field = (name, number, type, more = {}) => ({ name, number, type, label: "LABEL_OPTIONAL", ...more });
const message = (name, ...fields) => ({ name, field: fields });
const many = { label: "LABEL_REPEATED" };
const of = (name) => ({ typeName: `.grpc.reflection.v1.${name}` });
const bootstrap = createFileRegistry(fromJson(FileDescriptorProtoSchema, {
  name: "reflection.proto", package: "grpc.reflection.v1", syntax: "proto3",
  messageType: [
    { ...message("ServerReflectionRequest",
      field("file_by_filename", 3, STRING, { oneofIndex: 0 }), field("file_containing_symbol", 4, STRING, { oneofIndex: 0 }), field("list_services", 7, STRING, { oneofIndex: 0 })), oneofDecl: [{ name: "asked" }] },
    message("ServerReflectionResponse",
      field("file_descriptor_response", 4, MESSAGE, of("Files")), field("list_services_response", 6, MESSAGE, of("Services"))),
    message("Files", field("file_descriptor_proto", 1, BYTES, many)),
    message("Services", field("service", 1, MESSAGE, { ...many, ...of("Service") })),
    message("Service", field("name", 1, STRING)),
  ],
  service: [{ name: "ServerReflection", method: [{
    name: "ServerReflectionInfo", inputType: of("ServerReflectionRequest").typeName, outputType: of("ServerReflectionResponse").typeName, clientStreaming: true, serverStreaming: true,
  }] }],
}), () => undefined);

// The services that are served, and the messages in the files of these and of `symbols`.
export async function discover(grpc, symbols) {
  const transport = createGrpcTransport({ baseUrl: grpc });
  const reflection = createClient(bootstrap.getService("grpc.reflection.v1.ServerReflection"), transport);
  const ask = async (name, value) => {
    const requests = async function* () { yield { asked: { case: name, value } }; };
    for await (const answer of reflection.serverReflectionInfo(requests())) return answer;
  };
  const services = (await ask("listServices", "")).listServicesResponse.service.map(({ name }) => name);
  const files = new Map();
  const add = async (answer) => {
    for (const bytes of answer.fileDescriptorResponse?.fileDescriptorProto ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      if (files.has(file.name)) continue;
      files.set(file.name, file);
      for (const name of file.dependency) if (!files.has(name)) await add(await ask("fileByFilename", name));
    }
  };
  for (const name of [...services, ...symbols]) await add(await ask("fileContainingSymbol", name));
  // A file stands after what it imports.
  const sorted = new Map();
  const visit = (file) => { file.dependency.forEach((name) => visit(files.get(name))); sorted.set(file.name, file); };
  files.forEach(visit);
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...sorted.values()] }));
  return { registry, transport, services };
}

// Decimals are numbers without a point in protobuf and with one in JSON; names, fractions of seconds and empty values
// are written in more than one way.
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const even = (one) => {
  if (Array.isArray(one)) return one.map(even);
  if (one !== null && typeof one === "object") {
    return Object.fromEntries(Object.entries(one).map(([name, value]) => [camel(name), even(value)]).filter(([, value]) => value !== null && value !== "" && !isDeepStrictEqual(value, {})));
  }
  if (typeof one !== "string") return one;
  if (/^\d+\.\d{18}$/.test(one)) return String(BigInt(one.replace(".", "")));
  return one.replace(/(\.\d*?)0+(Z|s)$/, "$1$2").replace(/\.(Z|s)$/, "$1");
};

// Numbers of resources are text in bytes, and plain text in JSON.
const readable = (name, value) => (name === "val" ? Buffer.from(value, "base64").toString() : value);

const flat = (input, before = "") => Object.entries(input).flatMap(([name, value]) =>
  value !== null && typeof value === "object" ? flat(value, `${before}${name}.`) : [[before + name, String(value)]]);

const url = (rest, template, input) => {
  const values = new Map(flat(input));
  const path = template.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values.get(name);
    values.delete(name);
    return encodeURIComponent(value);
  });
  return `${rest}${path}?${new URLSearchParams([...values])}`;
};

// Every method of the services named by `pattern`, at one height: its JSON, or `null` where it is not served.
export async function everyMethod({ registry, transport, services }, rest, pattern, height, inputs) {
  const http = registry.getExtension("google.api.http");
  const headers = { "x-cosmos-block-height": String(height) };
  const answers = {};
  for (const service of services.filter((name) => pattern.test(name)).map((name) => registry.getService(name))) {
    const client = createClient(service, transport);
    for (const method of service.methods) {
      const name = `${service.typeName}/${method.name}`;
      const input = inputs[name] ?? {};
      let byGrpc;
      try {
        const answer = await client[method.localName](fromJson(method.input, input), { headers });
        const json = toJson(method.output, answer, { alwaysEmitImplicit: true, registry });
        byGrpc = even(JSON.parse(JSON.stringify(json, readable)));
      } catch (error) {
        assert.equal(error.code, 12, `${name}: ${error.stack}`);
        answers[name] = null;
        continue;
      }
      const response = await fetch(url(rest, getOption(method, http).pattern.value, input), { headers });
      const byRest = await response.json();
      assert.equal(response.status, 200, `${name}: ${JSON.stringify(byRest)}`);
      assert.deepEqual(even(byRest), byGrpc, name);
      answers[name] = byGrpc;
    }
  }
  return answers;
}

// For a signing client: a message that only the node describes.
export const signable = (registry, name) => {
  const schema = registry.getMessage(name);
  return [`/${name}`, {
    encode: (value) => ({ finish: () => toBinary(schema, value) }),
    decode: (bytes) => fromBinary(schema, bytes),
    fromPartial: (value) => create(schema, value),
  }];
};
