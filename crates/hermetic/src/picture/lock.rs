//! The sign of a verdict. Shapes differ, not colours alone, so that the picture reads in print too.

use hermetic_hop::Verdict;

use super::markup::Markup;

/// Half the side of the square that the shapes are drawn in.
const HALF: i32 = 12;

const BODY: &str = "M8 11h8a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2z";
const CLOSED: &str = "M8.5 11V7.8a3.5 3.5 0 0 1 7 0V11";
const OPEN: &str = "M8.5 11V6.6a3.5 3.5 0 0 1 6.8-1.2";
const KEYHOLE: &str = "M12 14.6v2";
const EXCLAMATION: &str = "M12 13.3v2.3M12 17.8v.1";
const QUESTION: &str = "M9 9.2a3 3 0 1 1 4.7 2.5c-1 .7-1.7 1.3-1.7 2.4v.3M12 17.9v.1";
const HOUSE: &str = "M5 12l7-6 7 6M7.3 10.5V18.5h9.4v-8";

/// Draws the sign around a point: a closed lock where the hop is sealed, an open one where it is clear,
/// a lock with an exclamation mark where it is weak, a house where the bytes stay on the host, and a
/// question mark where nobody knows.
pub fn draw(markup: &mut Markup, (x, y): (i32, i32), verdict: Verdict, ink: &str) {
    let at = (x - HALF, y - HALF);
    let line = format!(
        r#"fill="none" stroke="{ink}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round""#
    );
    let solid = format!(r#"fill="{ink}" stroke="{ink}" stroke-width="1.2""#);
    let hole = r##"fill="none" stroke="#ffffff" stroke-width="1.8" stroke-linecap="round""##;
    let shapes: &[(&str, &str)] = match verdict {
        Verdict::Sealed => &[(CLOSED, &line), (BODY, &solid), (KEYHOLE, hole)],
        Verdict::Weak => &[(CLOSED, &line), (BODY, &line), (EXCLAMATION, &line)],
        Verdict::Clear => &[(OPEN, &line), (BODY, &line)],
        Verdict::Local => &[(HOUSE, &line)],
        Verdict::Unknown => &[(QUESTION, &line)],
    };
    for (shape, paint) in shapes {
        markup.path_at(at, shape, paint);
    }
}
