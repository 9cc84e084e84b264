//! Who is connected, from where, and who waits longest without a request.

use super::Limits;
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Why there is no room for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All connections are busy.
    All,
    /// All connections of that address are.
    Address,
}

/// All connections of a listener.
pub struct Table {
    most: usize,
    most_per_address: usize,
    shared: Vec<IpAddr>,
    entries: Mutex<Entries>,
    /// A connection was closed. Only the accept loop waits for that.
    closed: Notify,
}

/// Since when a connection waits, and its id.
type Waits = (u64, u64);

#[derive(Default)]
struct Entries {
    /// Ids, and moments in their order.
    next: u64,
    known: HashMap<u64, Entry>,
    waiting: BTreeSet<Waits>,
    networks: HashMap<IpAddr, Network>,
    /// How many sockets there are, with those that have to go and are not closed yet.
    open: usize,
}

struct Entry {
    network: Option<IpAddr>,
    /// Since when it waits for a request; none while one is answered.
    since: Option<u64>,
    evicted: Arc<Notify>,
}

#[derive(Default)]
struct Network {
    connections: usize,
    waiting: BTreeSet<Waits>,
}

/// One connection's place in the table, until it is dropped.
pub struct Place {
    table: Arc<Table>,
    id: u64,
    evicted: Arc<Notify>,
}

impl Table {
    pub fn new(limits: &Limits) -> Table {
        Table {
            most: limits.connections,
            most_per_address: limits.per_address,
            shared: limits.shared.iter().map(IpAddr::to_canonical).collect(),
            entries: Mutex::default(),
            closed: Notify::new(),
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one more in. Where there is no room, whoever waits longest without a request goes.
    ///
    /// # Errors
    /// Why not, if nobody waits.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let address = address.to_canonical();
        let network = (!self.shared.contains(&address)).then(|| network(address));
        let mut all = self.entries();
        if let Some(of) = network.and_then(|n| all.networks.get(&n))
            && of.connections >= self.most_per_address
        {
            let longest = of.waiting.first().copied().ok_or(Full::Address)?;
            all.evict(longest);
        }
        if all.known.len() >= self.most {
            let longest = all.waiting.first().copied().ok_or(Full::All)?;
            all.evict(longest);
        }
        let id = all.number();
        let evicted = Arc::new(Notify::new());
        all.open += 1;
        if let Some(network) = network {
            all.networks.entry(network).or_default().connections += 1;
        }
        let entry = Entry {
            network,
            since: None,
            evicted: evicted.clone(),
        };
        all.known.insert(id, entry);
        all.waits(id);
        drop(all);
        Ok(Place {
            table: self.clone(),
            id,
            evicted,
        })
    }

    /// Has whoever waits longest go; whether anybody did.
    pub fn evict_one(&self) -> bool {
        let mut all = self.entries();
        let longest = all.waiting.first().copied();
        longest.map(|l| all.evict(l)).is_some()
    }

    /// How many sockets are open.
    pub fn open(&self) -> usize {
        self.entries().open
    }

    /// Waits until fewer than so many sockets are open.
    pub async fn fewer_than(&self, open: usize) {
        while self.open() >= open {
            self.closed.notified().await;
        }
    }

    /// Waits until fewer than so many are open beyond those that there may be.
    pub async fn room_for(&self, more: usize) {
        self.fewer_than(self.most + more).await;
    }
}

impl Entries {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn waits(&mut self, id: u64) {
        let since = self.number();
        let Some(entry) = self.known.get_mut(&id) else { return };
        if entry.since.is_none() {
            entry.since = Some(since);
            self.waiting.insert((since, id));
            if let Some(of) = entry.network.and_then(|n| self.networks.get_mut(&n)) {
                of.waiting.insert((since, id));
            }
        }
    }

    fn is_busy(&mut self, id: u64) {
        let Some(entry) = self.known.get_mut(&id) else { return };
        if let Some(since) = entry.since.take() {
            self.waiting.remove(&(since, id));
            if let Some(of) = entry.network.and_then(|n| self.networks.get_mut(&n)) {
                of.waiting.remove(&(since, id));
            }
        }
    }

    /// Forgets a connection, and tells it so.
    fn evict(&mut self, (_, id): Waits) {
        if let Some(entry) = self.forget(id) {
            entry.evicted.notify_one();
        }
    }

    fn forget(&mut self, id: u64) -> Option<Entry> {
        self.is_busy(id);
        let entry = self.known.remove(&id)?;
        if let Some(network) = entry.network
            && let Some(of) = self.networks.get_mut(&network)
        {
            of.connections -= 1;
            if of.connections == 0 {
                self.networks.remove(&network);
            }
        }
        Some(entry)
    }
}

impl Place {
    /// Waits for a request from now on: may have to go for somebody else.
    pub fn waits(&self) {
        self.table.entries().waits(self.id);
    }

    /// Is answered: may stay.
    pub fn is_busy(&self) {
        self.table.entries().is_busy(self.id);
    }

    /// Waits until it has to go for somebody else.
    pub async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.table.entries();
        all.forget(self.id);
        all.open -= 1;
        drop(all);
        self.table.closed.notify_one();
    }
}

/// What is counted as one: an IPv4 address, or the IPv6 network that one customer has.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ip) => {
            let s = ip.segments();
            IpAddr::V6(Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::time::Duration;

    fn table(connections: usize, per_address: usize, shared: &[&str]) -> Arc<Table> {
        Arc::new(Table::new(&Limits {
            connections,
            per_address,
            shared: shared.iter().map(|a| ip(a)).collect(),
            head: Duration::ZERO,
            idle: Duration::ZERO,
            drain: Duration::ZERO,
        }))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn has_to_go(place: &Place) -> bool {
        place.evicted().now_or_never().is_some()
    }

    #[test]
    fn whoever_waits_longest_goes_and_whoever_is_answered_stays() {
        let table = table(3, 3, &[]);
        let [a, b, c] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|of| table.admit(ip(of)).unwrap());
        a.is_busy();
        let d = table.admit(ip("192.0.2.4")).unwrap();
        assert_eq!([&a, &b, &c, &d].map(has_to_go), [false, true, false, false]);
        // It waits again, and no longer than the others.
        a.waits();
        c.is_busy();
        d.is_busy();
        let e = table.admit(ip("192.0.2.5")).unwrap();
        assert!(has_to_go(&a));
        e.is_busy();
        assert_eq!(table.admit(ip("192.0.2.6")).err(), Some(Full::All));
        // The two that had to go are open until they are dropped.
        assert_eq!(table.entries().open, 5);
        drop((a, b, c, d, e));
        let all = table.entries();
        assert_eq!(
            (all.open, all.known.len(), all.waiting.len(), all.networks.len()),
            (0, 0, 0, 0)
        );
    }

    #[test]
    fn an_address_is_limited_by_itself_and_a_proxy_is_not() {
        let table = table(10, 2, &["192.0.2.9"]);
        let ours: Vec<Place> = ["2001:db8::1", "2001:db8::2"]
            .map(|of| table.admit(ip(of)).unwrap())
            .into();
        let other = table.admit(ip("2001:db8:0:1::1")).unwrap();
        ours.iter().for_each(Place::is_busy);
        assert_eq!(table.admit(ip("2001:db8::3")).err(), Some(Full::Address));
        ours[1].waits();
        let third = table.admit(ip("2001:db8::3")).unwrap();
        assert!(has_to_go(&ours[1]) && !has_to_go(&other) && !has_to_go(&third));
        let proxied: Vec<Place> = (0..6).map(|_| table.admit(ip("::ffff:192.0.2.9")).unwrap()).collect();
        assert!(!proxied.iter().any(has_to_go));
    }

    #[tokio::test]
    async fn there_is_room_again_once_somebody_is_closed() {
        let table = table(1, 1, &[]);
        let first = table.admit(ip("192.0.2.1")).unwrap();
        assert!(table.evict_one() && !table.evict_one());
        let _second = table.admit(ip("192.0.2.1")).unwrap();
        assert!(table.room_for(1).now_or_never().is_none());
        drop(first);
        table.room_for(1).await;
    }
}
