//! Which tick of an hour is a site's own: its readiness is read then, so that hundreds of sites of
//! one account do not ask Route 53, which allows five calls a second, at once.

use std::time::Duration;

use failover_core::time::Timestamp;

/// An hour, as everywhere in the clockwork. Units: ticks.
const HOUR: u64 = 60;

// FNV-1a, 64 bits: the standard library's hash may change with the compiler.
// Source: <http://www.isthe.com/chongo/tech/comp/fnv/>
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Whether `now` lies within the tick of its hour that belongs to `site`.
///
/// Ticks are counted from the epoch. One that comes late enough to skip its minute costs a look, and
/// what people were told of stays as it is until the next one.
pub(super) fn is_on(site: &str, now: Timestamp, tick: Duration) -> bool {
    let since_epoch = u64::try_from(now.as_second()).unwrap_or_default();
    since_epoch / tick.as_secs().max(1) % HOUR == hash(site) % HOUR
}

fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    text.bytes().fold(FNV_OFFSET, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(site: &str, tick: u64, first: i64, ticks: i64) -> usize {
        let at = |i: i64| Timestamp::from_second(first + i * tick.cast_signed());
        let ons = (0..ticks).map(|i| at(i).expect("a date of our time"));
        ons.filter(|&now| is_on(site, now, Duration::from_secs(tick))).count()
    }

    /// Whatever the tick and whenever the hour begins.
    #[test]
    fn each_hour_has_exactly_one_tick_of_a_site() {
        for site in ["", "shop", "shop-2", "a-very-long-name-of-a-site"] {
            for tick in [1, 2, 60, 300] {
                for first in [1_767_268_800, 1_767_268_859, 1_767_270_001] {
                    assert_eq!(turns(site, tick, first, 60), 1, "{site}, {tick} s");
                    assert_eq!(turns(site, tick, first, 24 * 60), 24, "{site}, {tick} s");
                }
            }
        }
    }

    #[test]
    fn sites_are_spread_over_the_hour() {
        let turn = |i: u32| hash(&format!("shop-{i}")) % HOUR;
        let mut sites = [0_u32; 60];
        for i in 0..600 {
            sites[usize::try_from(turn(i)).expect("below 60")] += 1;
        }
        assert!(sites.iter().all(|&n| (1..=30).contains(&n)), "{sites:?}");
    }

    /// The published test vectors of FNV-1a.
    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
