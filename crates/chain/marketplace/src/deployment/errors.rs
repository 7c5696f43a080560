//! The codespace `deployment`.

use crate::errors::module_errors;

module_errors! {
    DeploymentError in "deployment" {
        NameDoesNotExist = 1 "Name does not exist",
        InvalidRequest = 2 "Invalid request",
        DeploymentExists = 3 "Deployment exists",
        DeploymentNotFound = 4 "Deployment not found",
        DeploymentClosed = 5 "Deployment closed",
        OwnerAcctMissing = 6 "Owner account missing",
        InvalidGroups = 7 "Invalid groups",
        InvalidDeploymentId = 8 "Invalid: deployment id",
        EmptyHash = 9 "Invalid: empty hash",
        InvalidHash = 10 "Invalid: deployment hash",
        Internal = 11 "internal error",
        InvalidDeployment = 12 "Invalid deployment",
        InvalidGroupId = 13 "Invalid deployment's group ID",
        GroupNotFound = 14 "Group not found",
        GroupClosed = 15 "Group already closed",
        GroupOpen = 16 "Group open",
        GroupPaused = 17 "Group paused",
        GroupNotOpen = 18 "Group not open",
        GroupSpecInvalid = 19 "GroupSpec invalid",
        InvalidDeposit = 20 "Deposit invalid",
        InvalidIdPath = 21 "ID path invalid",
        InvalidParam = 22 "parameter invalid",
        InvalidEscrowId = 23 "invalid escrow id",
        InvalidPrice = 24 "invalid price",
        DuplicateGroupName = 25 "duplicate group name",
        InvalidReclamation = 26 "invalid reclamation configuration",
    }
}
