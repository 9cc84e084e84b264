//! The table of server types: what each has, and what it costs where.

/// A type.
#[derive(Debug)]
pub struct ServerType {
    pub id: i64,
    pub name: &'static str,
    pub arch: &'static str,
    pub category: &'static str,
    pub cpu: &'static str,
    pub cores: i64,
    pub memory_gb: i64,
    pub disk_gb: i64,
    /// Locations with the net price of a month in cents, without the IPv4 address.
    pub prices: &'static [Price],
    /// Locations where it cannot be ordered any more.
    pub gone_in: &'static [&'static str],
}

/// A location, and cents a month.
type Price = (&'static str, i64);

/// Cores, memory in GB, disk in GB.
struct Has(i64, i64, i64);

const COST: &str = "cost_optimized";
pub const REGULAR: &str = "regular_purpose";
const GENERAL: &str = "general_purpose";
const EU: &[&str] = &["fsn1", "nbg1", "hel1"];
const EU_AND_SIN: &[&str] = &["fsn1", "nbg1", "hel1", "sin"];

const fn shared(id: i64, name: &'static str, category: &'static str, has: Has, prices: &'static [Price]) -> ServerType {
    let Has(cores, memory_gb, disk_gb) = has;
    ServerType {
        id,
        name,
        arch: "x86",
        category,
        cpu: "shared",
        cores,
        memory_gb,
        disk_gb,
        prices,
        gone_in: &[],
    }
}

const fn arm(id: i64, name: &'static str, has: Has, prices: &'static [Price]) -> ServerType {
    ServerType {
        arch: "arm",
        ..shared(id, name, COST, has, prices)
    }
}

/// All types. The prices of cx23, cax11, cpx12 and cpx22 in the EU are those of November 2026;
/// the others are of the same order.
pub static TYPES: [ServerType; 12] = [
    ServerType {
        gone_in: EU_AND_SIN,
        ..shared(
            22,
            "cpx11",
            REGULAR,
            Has(2, 2, 40),
            &[
                ("fsn1", 449),
                ("nbg1", 449),
                ("hel1", 449),
                ("ash", 899),
                ("hil", 899),
                ("sin", 849),
            ],
        )
    },
    ServerType {
        gone_in: EU_AND_SIN,
        ..shared(
            23,
            "cpx21",
            REGULAR,
            Has(3, 4, 80),
            &[
                ("fsn1", 799),
                ("nbg1", 799),
                ("hel1", 799),
                ("ash", 1599),
                ("hil", 1599),
                ("sin", 1549),
            ],
        )
    },
    arm(
        45,
        "cax11",
        Has(2, 4, 40),
        &[("fsn1", 599), ("nbg1", 599), ("hel1", 599)],
    ),
    arm(
        93,
        "cax21",
        Has(4, 8, 80),
        &[("fsn1", 1049), ("nbg1", 1049), ("hel1", 1049)],
    ),
    ServerType {
        cpu: "dedicated",
        ..shared(
            96,
            "ccx13",
            GENERAL,
            Has(2, 8, 80),
            &[
                ("fsn1", 2449),
                ("nbg1", 2449),
                ("hel1", 2449),
                ("ash", 2649),
                ("hil", 2649),
                ("sin", 3249),
            ],
        )
    },
    shared(
        108,
        "cpx12",
        REGULAR,
        Has(1, 2, 40),
        &[("fsn1", 1149), ("nbg1", 1149), ("hel1", 1149), ("sin", 1349)],
    ),
    shared(
        109,
        "cpx22",
        REGULAR,
        Has(2, 4, 80),
        &[("fsn1", 1949), ("nbg1", 1949), ("hel1", 1949), ("sin", 2249)],
    ),
    shared(
        110,
        "cpx32",
        REGULAR,
        Has(4, 8, 160),
        &[("fsn1", 3449), ("nbg1", 3449), ("hel1", 3449), ("sin", 3949)],
    ),
    shared(
        114,
        "cx23",
        COST,
        Has(2, 4, 40),
        &[("fsn1", 549), ("nbg1", 549), ("hel1", 549)],
    ),
    shared(
        115,
        "cx33",
        COST,
        Has(4, 8, 80),
        &[("fsn1", 899), ("nbg1", 899), ("hel1", 899)],
    ),
    shared(
        116,
        "cx43",
        COST,
        Has(8, 16, 160),
        &[("fsn1", 1599), ("nbg1", 1599), ("hel1", 1599)],
    ),
    ServerType {
        gone_in: EU,
        ..shared(
            117,
            "cx53",
            COST,
            Has(16, 32, 320),
            &[("fsn1", 2999), ("nbg1", 2999), ("hel1", 2999)],
        )
    },
];

/// What cannot be ordered when the sandbox starts.
pub const SOLD_OUT: [(&str, &str); 5] = [
    ("cx23", "hel1"),
    ("cax11", "nbg1"),
    ("cx43", "fsn1"),
    ("cx43", "nbg1"),
    ("cx43", "hel1"),
];
