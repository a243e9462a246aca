//! ECS: services among themselves, and tasks to file systems.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("ecs-gateway-shared-alb-https"),
    control!("ecs-service-connect-tls"),
    control!("ecs-task-definition-efs-encryption-enabled"),
];
