//! Flags of `akash sdl`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Sdl {
    /// Check an SDL file: every error at its place, and warnings
    #[command(after_help = "Examples:\n  akash sdl validate app.yaml\n  cat app.yaml | akash sdl validate - -o json")]
    Validate {
        /// The SDL file, `-` is standard input
        file: PathBuf,
    },
    /// Print the deployment groups as they go on chain
    #[command(after_help = "Examples:\n  akash sdl groups app.yaml\n  akash sdl groups app.yaml -o yaml")]
    Groups {
        /// The SDL file, `-` is standard input
        file: PathBuf,
    },
    /// Print the manifest as it goes to the provider: the canonical text, of which the hash is made
    #[command(after_help = "Examples:\n  akash sdl manifest app.yaml\n  akash sdl manifest app.yaml -o yaml")]
    Manifest {
        /// The SDL file, `-` is standard input
        file: PathBuf,
    },
    /// Print the manifest hash of an SDL file in hex
    #[command(after_help = "Examples:\n  akash sdl hash app.yaml\n  cat app.yaml | akash sdl hash -")]
    Hash {
        /// The SDL file, `-` is standard input
        file: PathBuf,
    },
    /// Lay an SDL file out in one way; comments and meaning stay
    #[command(after_help = "Examples:\n  \
            akash sdl fmt app.yaml\n  \
            akash sdl fmt --write app.yaml other.yaml\n  \
            akash sdl fmt --check app.yaml   # 2 if it would change, for scripts\n  \
            akash sdl fmt - < app.yaml")]
    Fmt {
        /// The SDL files, `-` is standard input
        #[arg(required = true)]
        file: Vec<PathBuf>,
        /// Change the files instead of printing the result
        #[arg(short, long, conflicts_with = "check")]
        write: bool,
        /// Print the names of files that would change, and fail if there are any
        #[arg(long)]
        check: bool,
    },
}
