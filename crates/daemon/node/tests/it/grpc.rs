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
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::support::{CHAIN_ID, FUNDS, Network, reach};

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
