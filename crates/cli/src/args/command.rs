//! All commands.

use clap::Subcommand;

use super::{
    AnyTx, Cert, Close, Cluster, Comet, Config, Deploy, Export, Genesis, Init, Jwt, Keys, Logs, Ls, NodeCommand, Query,
    Rollback, Sdl, Snapshot, Start, Testnet, Up, Which,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make and run a whole cloud on this machine: chain, provider, registry, ingress
    #[command(after_help = "Examples:\n  \
            akash up\n  \
            akash up --deploy examples/hello/deploy.yaml\n  \
            akash up --home /tmp/second --offset 1000")]
    Up(Up),
    /// Run an SDL file: order, bids, lease, manifest, and the URL on standard output
    #[command(after_help = "Examples:\n  akash deploy app.yaml\n  URL=$(akash deploy --yes app.yaml)")]
    Deploy(Deploy),
    /// List your deployments
    #[command(visible_alias = "list", after_help = "Examples:\n  akash ls\n  akash ls --all -o json")]
    Ls(Ls),
    /// Show a node, or one deployment
    #[command(after_help = "Examples:\n  \
            akash status\n  \
            akash status 1234\n  \
            akash status --home /tmp/net/node0\n  \
            akash status --node http://127.0.0.1:26657")]
    Status(Which),
    /// Show what the containers of a deployment print
    #[command(after_help = "Examples:\n  akash logs 1234 -f\n  akash logs --tail 20")]
    Logs(Logs),
    /// End a deployment: its containers stop, the rest of the deposit comes back
    #[command(after_help = "Examples:\n  akash close 1234\n  akash close --yes")]
    Close(Close),
    /// Ask the chain: any query of any module, blocks and transactions
    #[command(
        subcommand,
        visible_alias = "q",
        after_help = "Examples:\n  \
            akash query bank balances akash1...\n  \
            akash query market bid list --owner akash1... --dseq 7 -o json\n  \
            akash query tx 9F86D081884C7D65... --node http://127.0.0.1:26657"
    )]
    Query(Query),
    /// Work on SDL files without a network
    #[command(subcommand)]
    Sdl(Sdl),
    /// Make and keep keys, without a network
    Keys(Keys),
    /// Send transactions, and read, write, sign and check them
    #[command(subcommand)]
    Tx(AnyTx),
    /// The certificate by which a provider knows you
    #[command(subcommand)]
    Cert(Cert),
    /// Tokens by which a provider knows you, or somebody to whom you give a part of your rights
    #[command(subcommand)]
    Jwt(Jwt),
    /// Make the home of a node, and the beginning of a chain
    #[command(after_help = "Examples:\n  \
            akash init my-node --home /tmp/node\n  \
            akash init my-node --genesis genesis.json\n  \
            akash init my-node --chain-id devnet-1 && akash start --dev")]
    Init(Init),
    /// Run the node of a home until Ctrl-C
    #[command(after_help = "Examples:\n  \
            akash start --home /tmp/node\n  \
            akash start --dev --set rest.address=off")]
    Start(Start),
    /// Make networks of several nodes
    #[command(subcommand)]
    Testnet(Testnet),
    /// Work on the file that a chain begins with
    #[command(subcommand)]
    Genesis(Genesis),
    /// Keep the data of a node that does not run
    #[command(subcommand)]
    Node(NodeCommand),
    /// Same as `akash node export`
    #[command(hide = true, after_help = "Examples:\n  akash export > genesis.json")]
    Export(Export),
    /// Same as `akash node rollback`
    #[command(hide = true, after_help = "Examples:\n  akash rollback")]
    Rollback(Rollback),
    /// Same as `akash node snapshot`
    #[command(subcommand, hide = true)]
    Snapshots(Snapshot),
    /// Names of this node, as `akash node` shows them
    #[command(subcommand, hide = true, alias = "tendermint", alias = "cometbft")]
    Comet(Comet),
    /// Show and check settings
    #[command(subcommand)]
    Config(Config),
    /// Run containers on this machine without a chain
    #[command(subcommand)]
    Cluster(Cluster),
    /// Print a script that completes commands in a shell
    #[command(after_help = "Examples:\n  \
            source <(akash completions bash)\n  \
            akash completions zsh > ~/.zfunc/_akash\n  \
            akash completions fish > ~/.config/fish/completions/akash.fish")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version,
}

impl Command {
    /// Whether it is done at once, without a network: nothing to wait for, but perhaps something to ask.
    pub fn is_offline(&self) -> bool {
        use Command as C;
        matches!(
            self,
            C::Sdl(_)
                | C::Keys(_)
                | C::Tx(AnyTx::Offline(_))
                | C::Cert(_)
                | C::Jwt(_)
                | C::Completions { .. }
                | C::Version
                | C::Genesis(_)
        )
    }
}
