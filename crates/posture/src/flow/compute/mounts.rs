//! File systems that code mounts, by NFS within TLS or without.

use super::super::behind::party;
use super::super::store::{Takes, terms};
use super::super::way::{Transport, Way};
use super::Far;
use super::settings::of_other;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;

const EFS: &str = "AWS::EFS::FileSystem";

/// The file systems that a function or a task mounts.
pub fn far_ends<'g>(compute: &Subject<'g>) -> Vec<Far<'g>> {
    match &*compute.resource.kind {
        "AWS::Lambda::Function" => of_function(compute),
        "AWS::ECS::Service" => of_other(compute, path!("TaskDefinition")).iter().flat_map(of_task).collect(),
        "AWS::ECS::TaskDefinition" => of_task(compute),
        _ => Vec::new(),
    }
}

/// How a command mounts a file system; none where this is no such command, or no such file system. The mount helper
/// verifies chain and name wherever it uses TLS (efs-utils, README).
pub fn by_command(system: &Subject<'_>, line: &str) -> Option<Way> {
    if &*system.resource.kind != EFS || !line.split_whitespace().any(|word| word.ends_with("mount")) {
        return None;
    }
    let by_helper = line.contains("-t efs") || line.contains("mount.efs");
    let options = line.split([' ', ',', '\t']);
    Some(match by_helper {
        true if options.clone().any(|option| option == "tls" || option == "-otls") => {
            Way::by_aws("it is mounted by the helper with tls, which verifies it")
        }
        true => Way::clear("it is mounted by the helper without tls"),
        false if line.contains("nfs") => Way::clear("it is mounted by NFS in clear"),
        false => Way::unknown("how it is mounted is not known"),
    })
}

/// No property says whether Lambda mounts within TLS.
fn of_function<'g>(function: &Subject<'g>) -> Vec<Far<'g>> {
    let values = function.all(path!("FileSystemConfigs[].Arn")).into_iter().filter_map(Seen::known);
    let far = |value: &'g Value| {
        let ends = function.targets(value).into_iter().filter_map(|target| party(&target));
        ends.map(|end| Far {
            known: Some(Way::unknown("no setting says whether Lambda mounts it within TLS")),
            ..Far::new(end, "a mount", value.at)
        })
        .collect::<Vec<_>>()
    };
    values.flat_map(far).collect()
}

fn of_task<'g>(task: &Subject<'g>) -> Vec<Far<'g>> {
    let mut found = Vec::new();
    for volume in task.all(path!("Volumes[]")).into_iter().filter_map(Seen::known) {
        for (id, way) in [
            (path!("EFSVolumeConfiguration.FilesystemId"), Some(of_volume(task, volume))),
            (path!("FSxWindowsFileServerVolumeConfiguration.FileSystemId"), None),
        ] {
            let Some(value) = task.value_in(volume, id).known() else { continue };
            let ends = task.targets(value).into_iter().filter_map(|target| party(&target));
            found.extend(ends.map(|end| {
                let known = way.clone().map(|way| refused(&end, way));
                Far { known, ..Far::new(end, "a mount", value.at) }
            }));
        }
    }
    found
}

/// What a file system refuses is not how data goes.
fn refused(system: &Subject<'_>, way: Way) -> Way {
    match (&way.transport, terms(system).takes) {
        (Transport::Cleartext, Takes::Tls) => {
            let name = &system.resource.name;
            Way::unknown(format!("{}, and the policy of {name} refuses cleartext", way.reason))
        }
        _ => way,
    }
}

/// NFS goes in clear unless the volume says otherwise (ECS developer guide, EFS volumes).
fn of_volume<'g>(task: &Subject<'g>, volume: &'g Value) -> Way {
    match task.value_in(volume, path!("EFSVolumeConfiguration.TransitEncryption")).and_then(text_of) {
        Seen::Known(mode, _) if mode.eq_ignore_ascii_case("ENABLED") => {
            Way::by_aws("TransitEncryption is ENABLED, and the mount helper verifies the file system")
        }
        Seen::Known(mode, _) => Way::clear(format!("TransitEncryption is {mode}")),
        Seen::Absent(_) => Way::clear("TransitEncryption is not set, which is DISABLED"),
        Seen::Unknown(why, _) => Way::unknown(format!("TransitEncryption is not known: {why}")),
    }
}
