//! How far two texts are apart.

/// How many characters are inserted, deleted, replaced or swapped with their neighbour on the way from one text
/// to the other: the optimal string alignment distance. Its cost is the product of the lengths.
#[must_use]
pub fn edit_distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, &right) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(left != right);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_differs() {
        let check = |a: &str, b: &str, expect: usize| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            assert_eq!(edit_distance(&a, &b), expect, "{a:?} {b:?}");
            assert_eq!(edit_distance(&b, &a), expect, "{b:?} {a:?}");
        };
        check("", "", 0);
        check("nod", "node", 1);
        check("noed", "node", 1);
        check("node", "mode", 1);
        check("", "node", 4);
        check("kitten", "sitting", 3);
    }
}
