//! A plan of Terraform with many resources: the plan of the sample architecture, as `terraform show -json` prints it
//! where a module with `for_each` holds all of it.

use serde_json::{Map, Value, json};

use crate::failure::Failure;

const PLAN: &str = include_str!("../../../examples/architecture/terraform/plan.json");

/// The plan of at least so many resources, and how many they are.
pub fn plan(least: usize) -> Result<(String, usize), Failure> {
    let told = |what: &str| Failure::Setup(format!("the plan of the sample architecture has no {what}"));
    let mut plan: Value = serde_json::from_str(PLAN)
        .map_err(|error| Failure::Setup(format!("the plan can't be read: {error}")))?;
    let list = |plan: &Value, pointer: &str| {
        plan.pointer(pointer).and_then(Value::as_array).cloned().ok_or_else(|| told(pointer))
    };
    let resources = list(&plan, "/planned_values/root_module/resources")?;
    let changes = list(&plan, "/resource_changes")?;
    let copies = least.div_ceil(resources.len().max(1));
    let address = |copy: usize| format!("module.shop[\"{copy:04}\"]");
    let module = |copy: usize| {
        let within = resources.iter().map(|resource| moved(resource, &address(copy)));
        json!({"address": address(copy), "resources": within.collect::<Vec<_>>()})
    };
    let modules: Vec<Value> = (0..copies).map(module).collect();
    let changes: Vec<Value> = (0..copies)
        .flat_map(|copy| changes.iter().map(move |change| changed(change, &address(copy))))
        .collect();
    let root = plan.pointer_mut("/configuration/root_module").ok_or_else(|| told("configuration"))?;
    let configuration = root.take();
    *root = json!({"module_calls": {"shop": {
        "source": "./shop", "module": configuration, "for_each_expression": {"references": ["var.shops"]},
    }}});
    set(&mut plan, "/planned_values/root_module", json!({"child_modules": modules}));
    set(&mut plan, "/resource_changes", Value::Array(changes));
    Ok((plan.to_string(), copies * resources.len()))
}

fn set(plan: &mut Value, pointer: &str, to: Value) {
    if let Some(place) = plan.pointer_mut(pointer) {
        *place = to;
    }
}

/// The resource, in a module.
fn moved(resource: &Value, module: &str) -> Value {
    let mut resource = resource.as_object().cloned().unwrap_or_default();
    let address = resource.get("address").and_then(Value::as_str).unwrap_or_default();
    let address = format!("{module}.{address}");
    resource.insert("address".to_owned(), address.into());
    Value::Object(resource)
}

fn changed(change: &Value, module: &str) -> Value {
    let mut change: Map<String, Value> = moved(change, module).as_object().cloned().unwrap_or_default();
    change.insert("module_address".to_owned(), module.into());
    Value::Object(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_as_many_resources_as_were_asked_for_each_in_a_module() {
        let (text, count) = plan(50).unwrap();
        let plan: Value = serde_json::from_str(&text).unwrap();
        let modules = plan["planned_values"]["root_module"]["child_modules"].as_array().unwrap();
        let all = modules.iter().flat_map(|module| module["resources"].as_array().unwrap());
        let addresses: Vec<&str> = all.map(|resource| resource["address"].as_str().unwrap()).collect();
        assert!(addresses.len() == count && count >= 50, "{count}");
        assert!(addresses.contains(&"module.shop[\"0001\"].aws_lb.alb"), "{addresses:?}");
        assert!(
            plan["configuration"]["root_module"]["module_calls"]["shop"]["module"]["resources"].is_array()
        );
    }
}
