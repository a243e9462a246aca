//! SageMaker: containers of a job among themselves.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("sagemaker-data-quality-job-encrypt-in-transit"),
    control!("sagemaker-model-bias-job-encrypt-in-transit"),
    control!("sagemaker-model-explainability-job-encrypt-in-transit"),
    control!("sagemaker-model-quality-job-encrypt-in-transit"),
    control!("sagemaker-monitoring-schedule-traffic-encryption"),
    control!("sagemaker-processing-job-encrypt-in-transit"),
    control!("sagemaker-training-job-intercontainer-encryption", listed),
];
