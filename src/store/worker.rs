//! Who works: processes, by name.

/// Who works: a process. Its name tells whether it still lives, on the machine that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker(String);

impl Worker {
    /// This process.
    pub fn this() -> Self {
        let pid = std::process::id();
        Worker(format!("{}/{pid}/{}", boot(), started(pid).unwrap_or_default()))
    }

    /// One of that name, which must be nobody else's.
    pub fn named(name: impl Into<String>) -> Self {
        Worker(name.into())
    }

    /// Its name in the store.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether a worker of that name is surely gone: it ran on this boot of this machine, and
    /// its process is no more.
    pub fn is_gone(name: &str) -> bool {
        let mut parts = name.split('/');
        let (Some(machine), Some(pid), Some(start)) =
            (parts.next(), parts.next().and_then(|p| p.parse().ok()), parts.next())
        else {
            return false;
        };
        !machine.is_empty() && machine == boot() && started(pid).as_deref() != Some(start)
    }
}

/// The id of this boot of this machine and of this namespace of process numbers (two containers
/// share the boot, not the numbers), or nothing where the system does not tell.
fn boot() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    match boot.trim() {
        "" => String::new(),
        boot => format!("{boot}+{}", namespace.display()),
    }
}

/// When a process was started, in the kernel's ticks; none if it is gone or a zombie.
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(Into::into)
}
