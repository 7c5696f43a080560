//! gRPC through tonic's own client, by path and typed messages.

use akash_node::Node;
use akash_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use akash_proto::cosmos::base::tendermint::v1beta1::{
    GetLatestBlockRequest, GetLatestBlockResponse, GetLatestValidatorSetRequest, GetLatestValidatorSetResponse,
    GetNodeInfoRequest, GetNodeInfoResponse,
};
use akash_proto::cosmos::tx::v1beta1::{
    BroadcastMode, BroadcastTxRequest, BroadcastTxResponse, GetTxRequest, GetTxResponse, GetTxsEventRequest,
    GetTxsEventResponse, SimulateRequest, SimulateResponse,
};
use akash_types::address::Address;
use prost::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::support::{CHAIN_ID, FUNDS, Network, exchange, reach};

async fn unary<Q, R>(node: &Node, path: &'static str, request: Q) -> Result<R, Status>
where
    Q: Message + Default + Send + Sync + 'static,
    R: Message + Default + Send + Sync + 'static,
{
    let channel =
        Channel::from_shared(format!("http://{}", node.grpc_address().unwrap())).unwrap().connect().await.unwrap();
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path = path.parse().unwrap();
    let reply = grpc.unary(Request::new(request), path, ProstCodec::<Q, R>::default()).await?;
    assert!(reply.metadata().get("x-cosmos-block-height").is_some());
    Ok(reply.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_node_services_answer() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let request = QueryBalanceRequest { address: network.key.address().to_string(), denom: "uakt".to_string() };
    let reply: QueryBalanceResponse = unary(&node, "/cosmos.bank.v1beta1.Query/Balance", request).await.unwrap();
    assert_eq!(reply.balance.unwrap().amount, FUNDS.to_string());

    let service = "/cosmos.base.tendermint.v1beta1.Service/GetNodeInfo";
    let info: GetNodeInfoResponse = unary(&node, service, GetNodeInfoRequest {}).await.unwrap();
    assert_eq!(info.default_node_info.unwrap().network, CHAIN_ID);
    let service = "/cosmos.base.tendermint.v1beta1.Service/GetLatestBlock";
    let latest: GetLatestBlockResponse = unary(&node, service, GetLatestBlockRequest {}).await.unwrap();
    let proposer = latest.sdk_block.unwrap().header.unwrap().proposer_address;
    assert!(proposer.starts_with("akashvalcons1"), "{proposer}");
    let service = "/cosmos.base.tendermint.v1beta1.Service/GetLatestValidatorSet";
    let request = GetLatestValidatorSetRequest { pagination: None };
    let set: GetLatestValidatorSetResponse = unary(&node, service, request).await.unwrap();
    assert_eq!(set.validators[0].voting_power, 10);

    let unknown: Result<QueryBalanceResponse, _> = unary(&node, "/no.such/Method", GetNodeInfoRequest {}).await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn transaction_is_simulated_sent_and_found() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let tx_bytes = network.transfer(&receiver, 5, 0);

    let request = SimulateRequest { tx_bytes: tx_bytes.clone(), ..Default::default() };
    let service = "/cosmos.tx.v1beta1.Service/Simulate";
    let simulated: SimulateResponse = unary(&node, service, request).await.unwrap();
    let gas_used = simulated.gas_info.unwrap().gas_used;
    assert!(gas_used > 0);

    let request = BroadcastTxRequest { tx_bytes, mode: BroadcastMode::Sync.into() };
    let service = "/cosmos.tx.v1beta1.Service/BroadcastTx";
    let sent: BroadcastTxResponse = unary(&node, service, request).await.unwrap();
    let sent = sent.tx_response.unwrap();
    assert_eq!(sent.code, 0, "{}", sent.raw_log);

    let request = GetTxRequest { hash: sent.txhash.clone() };
    let mut found: Result<GetTxResponse, Status> = Err(Status::not_found(""));
    for _ in 0..300 {
        found = unary(&node, "/cosmos.tx.v1beta1.Service/GetTx", request.clone()).await;
        if found.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let found = found.unwrap().tx_response.unwrap();
    assert_eq!((found.code, found.txhash.as_str()), (0, sent.txhash.as_str()));
    assert_eq!(u64::try_from(found.gas_used).unwrap(), gas_used, "{}", found.raw_log);

    let request =
        GetTxsEventRequest { query: "message.action='/cosmos.bank.v1beta1.MsgSend'".into(), ..Default::default() };
    let events: GetTxsEventResponse = unary(&node, "/cosmos.tx.v1beta1.Service/GetTxsEvent", request).await.unwrap();
    assert_eq!(events.total, 1);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_names_served_services_and_gives_their_files() {
    use futures::StreamExt as _;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 1).await;
    let channel = Channel::from_shared(format!("http://{}", node.grpc_address().unwrap())).unwrap();
    let mut client = ServerReflectionClient::new(channel.connect().await.unwrap());
    let mut ask = async |question: MessageRequest| {
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
        let reply = client.server_reflection_info(futures::stream::iter([request])).await.unwrap();
        let reply: ServerReflectionResponse = reply.into_inner().next().await.unwrap().unwrap();
        reply.message_response.unwrap()
    };
    let MessageResponse::ListServicesResponse(list) = ask(MessageRequest::ListServices(String::new())).await else {
        panic!("no list");
    };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    for name in ["cosmos.bank.v1beta1.Query", "akash.market.v1beta5.Query", "cosmos.tx.v1beta1.Service"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(!names.contains(&"akash.provider.lease.v1.LeaseRPC"), "{names:?}");
    let symbol = MessageRequest::FileContainingSymbol("cosmos.bank.v1beta1.Query.Balance".to_owned());
    let MessageResponse::FileDescriptorResponse(files) = ask(symbol).await else { panic!("no file") };
    let file = prost_types::FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap();
    assert_eq!(file.package(), "cosmos.bank.v1beta1");
    node.stop().await.unwrap();
}

/// As a browser does: base64 of a frame in, base64 of frames with the trailers in the last one out.
#[tokio::test(flavor = "multi_thread")]
async fn pages_call_by_grpc_web() {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let call = async |path: &str, message: Vec<u8>| {
        let mut frame = vec![0];
        frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend(message);
        let headers = ["content-type: application/grpc-web-text", "accept: application/grpc-web-text"];
        let address = node.grpc_address().unwrap();
        let reply = exchange(address, "POST", path, &headers, &BASE64_STANDARD.encode(frame)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        // Frames are encoded one by one, so padding may stand anywhere.
        let decoded = reply.body.as_bytes().chunks(4).flat_map(|part| BASE64_STANDARD.decode(part).unwrap());
        (reply.head, decoded.collect::<Vec<u8>>())
    };
    let request = QueryBalanceRequest { address: network.key.address().to_string(), denom: "uakt".to_string() };
    let (_, answer) = call("/cosmos.bank.v1beta1.Query/Balance", request.encode_to_vec()).await;
    let length = u32::from_be_bytes(answer[1..5].try_into().unwrap()) as usize;
    let reply = QueryBalanceResponse::decode(&answer[5..5 + length]).unwrap();
    assert_eq!((answer[0], reply.balance.unwrap().amount), (0, FUNDS.to_string()));
    let trailers = &answer[5 + length..];
    assert_eq!(trailers[0], 0x80);
    assert!(String::from_utf8_lossy(trailers).contains("grpc-status:0"), "{}", String::from_utf8_lossy(trailers));
    let (head, answer) = call("/no.such.Service/Method", Vec::new()).await;
    let told = format!("{head}{}", String::from_utf8_lossy(&answer));
    assert!(told.contains("grpc-status: 12") || told.contains("grpc-status:12"), "{told}");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_times_are_bounded() {
    let network = Network::new();
    let mut config = crate::support::config(network.folder.path());
    config.grpc.message_bytes_max = 1_000;
    let node = Node::start(config).await.unwrap();
    reach(&node, 1).await;
    let request = BroadcastTxRequest { tx_bytes: vec![1; 2_000], mode: BroadcastMode::Sync.into() };
    let service = "/cosmos.tx.v1beta1.Service/BroadcastTx";
    let refused: Result<BroadcastTxResponse, _> = unary(&node, service, request).await;
    assert_eq!(refused.unwrap_err().code(), Code::OutOfRange);
    // A client that never ends its message.
    let mut stream = tokio::net::TcpStream::connect(node.grpc_address().unwrap()).await.unwrap();
    let head = "POST /cosmos.base.tendermint.v1beta1.Service/GetNodeInfo HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\
        content-type: application/grpc-web-text\r\ngrpc-timeout: 100m\r\n\r\nAAAA";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    while !answer.contains("\r\n\r\n") {
        answer.push(char::from(stream.read_u8().await.unwrap()));
    }
    assert!(answer.contains("grpc-status: 4"), "{answer}");
    node.stop().await.unwrap();
}
