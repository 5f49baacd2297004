//! Operations on two vectors: `VectorBinop`, `VectorAnd`, `VectorOr` and `VectorUnless` of `promql/engine.go`.

use std::collections::BTreeMap;

use super::Reason;
use super::eval::{Eval, keep};
use super::vector::{Clash, Vector, unnamed};
use crate::labels::LabelSet;
use crate::promql::{Binary, BinaryOp, Cardinality};
use crate::sort::ordered_map;
use crate::text::Span;

/// Whether it does not depend on the values which series there are, but for a comparison that filters.
pub(super) fn is_plain(binary: &Binary) -> bool {
    !matches!(binary.op, BinaryOp::TrimUpper | BinaryOp::TrimLower)
}

impl Eval<'_> {
    pub(super) fn vectors(&mut self, binary: &Binary, span: Span) -> Result<Vector, Reason> {
        let left = self.expr(&binary.left)?;
        let right = self.expr(&binary.right)?;
        if binary.op.is_set() {
            return Ok(set(binary, &left, &right));
        }
        let matching = &binary.matching;
        if !is_plain(binary) || matching.fill_left.is_some() || matching.fill_right.is_some() {
            return Ok(self.give_up("this operation is not followed", span));
        }
        let complete = left.complete && right.complete;
        if left.surely_empty() || right.surely_empty() {
            return Ok(Vector::empty());
        }
        let (many, one) =
            if matching.cardinality == Cardinality::OneToMany { (right, left) } else { (left, right) };
        let either_empty = many.may_be_empty() || one.may_be_empty();
        let signature = |labels: &LabelSet| keep(labels, &matching.labels, matching.on);
        let mut ones: BTreeMap<LabelSet, Vec<(&LabelSet, bool)>> = BTreeMap::new();
        for (labels, certain) in &one.series {
            ones.entry(signature(labels)).or_default().push((labels, *certain));
        }
        let filters = binary.op.is_comparison() && !binary.returns_bool;
        let mut clash = if complete { Clash::None } else { Clash::Possible };
        let mut matched: BTreeMap<LabelSet, Vec<bool>> = BTreeMap::new();
        let manys: Vec<(LabelSet, &LabelSet, bool)> =
            many.series.iter().map(|(labels, certain)| (signature(labels), labels, *certain)).collect();
        for (sig, found) in &ones {
            if found.len() > 1 {
                let sure = found.iter().filter(|(_, certain)| *certain).count() > 1 && !either_empty;
                // Whether it fails where no series of the other side asks for them differs by release.
                let asked = manys.iter().any(|(other, _, certain)| other == sig && *certain);
                clash = worse(clash, sure && asked);
            }
        }
        let mut series = Vec::new();
        for (sig, labels, certain) in manys {
            let Some(found) = ones.get(&sig) else { continue };
            for (other, other_certain) in found {
                let sure = certain && *other_certain && !filters && found.len() == 1;
                let mut result = (*labels).clone();
                if !binary.op.is_comparison() || binary.returns_bool {
                    result = unnamed(result);
                }
                if matching.cardinality == Cardinality::OneToOne {
                    let on = matching.on;
                    result.retain(|name, _| matching.labels.iter().any(|label| label.name == name) == on);
                }
                for label in &matching.include {
                    let Ok(name) = std::str::from_utf8(&label.name) else { continue };
                    result.remove(name);
                    if !other.value(name).is_empty() {
                        result.insert(name, other.value(name));
                    }
                }
                series.push((result, sure));
            }
            matched.entry(sig).or_default().push(certain && !filters && found.iter().any(|(_, c)| *c));
        }
        if matching.cardinality == Cardinality::OneToOne {
            for certain in matched.values().filter(|certain| certain.len() > 1) {
                clash = worse(clash, certain.iter().filter(|certain| **certain).count() > 1);
            }
        }
        self.clash(clash, "many-to-many matching not allowed", span)?;
        let (vector, clash) = Vector::distinct(series, complete);
        self.clash(clash, "multiple matches for labels: grouping labels must ensure unique matches", span)?;
        Ok(vector)
    }
}

fn set(binary: &Binary, left: &Vector, right: &Vector) -> Vector {
    let matching = &binary.matching;
    let signature = |labels: &LabelSet| keep(labels, &matching.labels, matching.on);
    let mut rights: BTreeMap<LabelSet, bool> = BTreeMap::new();
    for (labels, certain) in &right.series {
        *rights.entry(signature(labels)).or_default() |= certain;
    }
    let filtered = |keeps_matched: bool| {
        left.series.iter().filter_map(move |(labels, certain)| {
            match (rights.get(&signature(labels)), keeps_matched) {
                (Some(true), true) => Some((labels.clone(), *certain)),
                (Some(true), false) => None,
                (Some(false), _) => Some((labels.clone(), false)),
                (None, true) if right.complete => None,
                (None, false) if right.complete => Some((labels.clone(), *certain)),
                (None, _) => Some((labels.clone(), false)),
            }
        })
    };
    match binary.op {
        BinaryOp::And => Vector { series: ordered_map(filtered(true)), complete: left.complete },
        BinaryOp::Unless => Vector { series: ordered_map(filtered(false)), complete: left.complete },
        _ => {
            let mut lefts: BTreeMap<LabelSet, Vec<(&LabelSet, bool)>> = BTreeMap::new();
            for (labels, certain) in &left.series {
                lefts.entry(signature(labels)).or_default().push((labels, *certain));
            }
            let mut series = left.series.clone();
            for (labels, certain) in &right.series {
                let found = lefts.get(&signature(labels)).map_or(&[][..], Vec::as_slice);
                if found.iter().any(|(_, certain)| *certain) {
                    continue;
                }
                // What stands in for an equal series of the left exists whether or not that does.
                let sure = *certain && left.complete && found.iter().all(|(other, _)| *other == labels);
                *series.entry(labels.clone()).or_default() |= sure;
            }
            let complete = left.complete && right.complete;
            Vector { series, complete }
        }
    }
}

fn worse(clash: Clash, certain: bool) -> Clash {
    if certain || clash == Clash::Certain { Clash::Certain } else { Clash::Possible }
}
