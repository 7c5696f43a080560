//! A history from a seed.

use super::step::{AUDITOR, AUTHORITY, Certified, Change, Denom, From, GroupChange, PROVIDERS, Shape, Step, TENANTS};

/// Steps between two blocks, at most.
const BUSIEST: u64 = 8;

/// So many blocks, each with a few steps. The same seed gives the same steps.
pub fn history(seed: u64, blocks: u64) -> Vec<Step> {
    // Neighbouring seeds must not be neighbouring places of one sequence.
    let mut draw = Draw(Draw(seed).next());
    let mut steps: Vec<Step> = (0..PROVIDERS).map(|provider| Step::CreateProvider { provider }).collect();
    let changes = [Change::Deposits { stable: true }, Change::Bids { stable: true, most: 20 }];
    steps.extend(changes.map(|change| Step::SetParams { by: AUTHORITY, change }));
    for _ in 0..blocks {
        for _ in 0..draw.below(BUSIEST) {
            let step = draw.step();
            steps.push(if draw.one_in(30) { draw.forged(step) } else { step });
        }
        // Now and then a long time passes, longer than a notice.
        let seconds = match draw.below(300) {
            0 => 8_000,
            1..10 => 255,
            _ => 1 + draw.below(10) as u32,
        };
        steps.push(Step::EndBlock { seconds });
    }
    steps
}

struct Draw(u64);

impl Draw {
    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn pick(&mut self) -> u32 {
        self.below(1 << 20) as u32
    }

    fn tenant(&mut self) -> u8 {
        self.below(TENANTS.into()) as u8
    }

    fn provider(&mut self) -> u8 {
        self.below(PROVIDERS.into()) as u8
    }

    /// Whom others grant something: two tenants and a provider.
    fn friend(&mut self) -> u8 {
        [0, 1, TENANTS][self.below(3) as usize]
    }

    /// Any account but the authority.
    fn anyone(&mut self) -> u8 {
        self.below(u64::from(AUDITOR) + 1) as u8
    }

    fn denom(&mut self) -> Denom {
        [Denom::Uakt, Denom::Uakt, Denom::Stable, Denom::Uact, Denom::Uact, Denom::Uact][self.below(6) as usize]
    }

    fn from(&mut self) -> From {
        match self.below(6) {
            0 => From::Grant,
            1 | 2 => From::Both,
            _ => From::Balance,
        }
    }

    /// Mostly what runs dry within a history, sometimes next to nothing or a lot.
    fn price_milli(&mut self) -> u64 {
        match self.below(5) {
            0 => 1 + self.below(2_000),
            1 => 5_000_000 + self.below(50_000_000),
            _ => 1_000 + self.below(20_000_000),
        }
    }

    fn shape(&mut self) -> Shape {
        Shape {
            groups: 1 + self.below(3) as u8,
            denom: self.denom(),
            price_milli: self.price_milli() + 1_000_000,
            replicas: 1 + self.below(3) as u32,
            audited: self.one_in(8),
            window: if self.one_in(3) { 3_600 } else { 0 },
        }
    }

    fn step(&mut self) -> Step {
        match self.below(100) {
            0..15 => Step::CreateDeployment {
                tenant: self.tenant(),
                dseq: 1 + self.below(200),
                shape: self.shape(),
                deposit: 490_000 + self.below(900_000),
                from: self.from(),
            },
            15..17 => Step::UpdateDeployment { deployment: self.pick(), hash: self.below(4) as u8 },
            17..20 => Step::CloseDeployment { deployment: self.pick() },
            20..25 => {
                let change = [GroupChange::Close, GroupChange::Pause, GroupChange::Start][self.below(3) as usize];
                Step::ChangeGroup { group: self.pick(), change }
            }
            25..33 => Step::Deposit {
                deployment: self.pick(),
                signer: self.anyone(),
                denom: self.denom(),
                amount: 1 + self.below(300_000),
                from: self.from(),
            },
            33..35 => Step::SetOrderExpiry { order: self.pick(), blocks: self.below(12) as u8 },
            35..55 => Step::CreateBid {
                order: self.pick(),
                provider: self.provider(),
                bseq: self.below(3) as u32 / 2,
                percent: 1 + self.below(105) as u32,
                window: if self.one_in(5) { 0 } else { 7_200 },
            },
            55..58 => Step::CloseBid { bid: self.pick() },
            58..68 => Step::CreateLease { bid: self.pick() },
            68..69 => Step::CloseLease { lease: self.pick() },
            69..71 => Step::EndLease { lease: self.pick() },
            71..73 => Step::StartReclaim { lease: self.pick() },
            73..82 => Step::Withdraw { lease: self.pick() },
            _ => self.rare_step(),
        }
    }

    fn rare_step(&mut self) -> Step {
        let provider = self.provider();
        let of = if self.one_in(2) { Certified::Tenant } else { Certified::Provider };
        match self.below(22) {
            0 => Step::CreateProvider { provider },
            1 => Step::UpdateProvider { provider, attribute: self.below(4) as u8 },
            2 => Step::DeleteProvider { provider },
            3 | 4 => Step::SignAttributes { provider, attribute: self.below(4) as u8 },
            5 => Step::DeleteAttributes { provider, all: self.one_in(2) },
            6..9 => Step::Grant {
                granter: self.tenant(),
                grantee: self.friend(),
                denom: self.denom(),
                limit: 100_000 + self.below(2_000_000),
                bids: self.one_in(2),
            },
            9 | 13 => Step::Revoke { granter: self.tenant(), grantee: self.friend() },
            10 => Step::GrantClose { granter: self.tenant(), grantee: 0 },
            11 => Step::CloseFor { deployment: self.pick(), grantee: 0 },
            12 => Step::Send { from: self.anyone(), to: self.anyone(), amount: self.below(5_000_000) },
            14 => Step::DepositFor {
                deployment: self.pick(),
                granter: self.tenant(),
                grantee: self.friend(),
                denom: self.denom(),
                amount: 1 + self.below(300_000),
            },
            15..19 => {
                Step::SetParams { by: if self.one_in(3) { self.anyone() } else { AUTHORITY }, change: self.change() }
            }
            19 => Step::PublishCertificate { of },
            20 => Step::RevokeCertificate { of },
            _ => Step::EndBlock { seconds: 1 },
        }
    }

    fn change(&mut self) -> Change {
        match self.below(7) {
            0 => Change::Take { percent: self.below(60) as u32 / 2 },
            1 => Change::Grace { blocks: self.below(6) * self.below(2) },
            2 => Change::Depositors { most: 2 + self.below(6) as u32 },
            3 => Change::BidsPerProvider { most: 1 + self.below(3) as u32 },
            4 => Change::Replicas { most: 2 + self.below(20) as u32 },
            5 => Change::Deposits { stable: !self.one_in(3) },
            _ => Change::Bids { stable: !self.one_in(3), most: 2 + self.below(20) as u32 },
        }
    }

    fn forged(&mut self, step: Step) -> Step {
        match step {
            Step::EndBlock { .. } => step,
            step => Step::Forged { signer: self.anyone(), step: Box::new(step) },
        }
    }
}
