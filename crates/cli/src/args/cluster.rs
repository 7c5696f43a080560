//! Flags of `akash cluster`.

use std::net::IpAddr;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Cluster {
    /// Pull an image and run it
    #[command(after_help = "Examples:\n  akash cluster run --name web --port 8080 play.localhost/hello:1")]
    Run(ClusterRun),
    /// List containers
    #[command(after_help = "Examples:\n  akash cluster ps")]
    Ps,
    /// Show what a container prints
    #[command(after_help = "Examples:\n  akash cluster logs web --follow")]
    Logs {
        /// The name given to `run`
        name: String,
        /// Go on until Ctrl-C
        #[arg(short, long)]
        follow: bool,
        /// Begin with the last N lines
        #[arg(
            short, long, value_name = "N", default_value_t = 100,
            value_parser = clap::value_parser!(u32).range(0..=10000)
        )]
        tail: u32,
    },
    /// Stop and remove containers
    #[command(after_help = "Examples:\n  akash cluster rm web")]
    Rm {
        /// The names given to `run`
        #[arg(required = true)]
        names: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub struct ClusterRun {
    /// Image by tag or digest
    pub image: String,
    /// Arguments instead of those of the image
    #[arg(trailing_var_arg = true)]
    pub args: Vec<String>,
    /// Name for the other commands, and host name `<NAME>.localhost`
    #[arg(long)]
    pub name: String,
    /// Port of the container that the ingress serves
    #[arg(long)]
    pub port: Option<u16>,
    /// Thousandths of a core
    #[arg(
        long, value_name = "MILLI", default_value_t = 500,
        value_parser = clap::value_parser!(u64).range(10..=384_000)
    )]
    pub cpu: u64,
    /// Memory in MiB
    #[arg(
        long, value_name = "MIB", default_value_t = 128,
        value_parser = clap::value_parser!(u64).range(1..=2_097_152)
    )]
    pub memory: u64,
    /// Environment, `NAME=VALUE`
    #[arg(short, long)]
    pub env: Vec<String>,
    /// Address that the ingress listens on while this command runs
    #[arg(long, default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Port of the ingress
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub ingress: u16,
}
