use super::section;

section! {
    /// What commands of this home use where no flag says otherwise. The node itself does not look at it.
    pub struct Client in "client" {
        /// URL of the node's JSON-RPC; empty means the node of this home.
        node: String = String::new(),

        /// The network that transactions are signed for; empty means that of the node.
        chain_id: String = String::new(),

        /// Name or address of the key that signs.
        from: String = String::new(),

        /// Gas of a transaction, or "auto" for what a simulation uses.
        gas: String = "auto".to_owned(),

        /// By what the gas of a simulation is multiplied.
        gas_adjustment: String = "1.5".to_owned(),

        /// Price of a unit of gas; empty means what the node asks for.
        gas_prices: String = String::new(),

        /// The fee itself, instead of a price.
        fees: String = String::new(),

        /// How long a transaction is waited for: "block" until a block has it, "sync" until the node took it.
        broadcast_mode: String = "block".to_owned(),
    }
}
