//! Database servers for the time of a test: started in a folder of their own, reached by a socket in it, stopped afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server that runs until this is dropped.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    /// The signal that ends it at once, and in order.
    signal: &'static str,
}

impl Drop for Server {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.signal).arg(self.process.id().to_string()).status();
        let begin = Instant::now();
        while asked.as_ref().is_ok_and(ExitStatus::success)
            && matches!(self.process.try_wait(), Ok(None))
            && begin.elapsed() < Duration::from_secs(20)
        {
            std::thread::sleep(Duration::from_millis(20));
        }
        // One that has ended cannot be killed, and what it has written is of no use to anyone.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    /// The folder with its socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// PostgreSQL, with a collation that is not that of code points.
    pub(crate) fn postgres() -> Server {
        let folder = new_folder("postgres");
        let data = folder.join("data");
        let programs = postgres_programs();
        let locale = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"];
        let made = as_nobody(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["-U", "arctos", "--auth=trust", "--no-sync"])
            .args(locale)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = as_nobody(&programs.join("postgres"));
        server.arg("-D").arg(&data).args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        server.args(["-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "jit=off"]);
        server.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
        Server { process: start(server, &folder), folder, signal: "-INT" }
    }

    /// MariaDB, as it is configured where nobody has configured it.
    pub(crate) fn mariadb() -> Server {
        let folder = new_folder("mariadb");
        let data = folder.join("data");
        let made = as_nobody(Path::new("mariadb-install-db"))
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .output()
            .unwrap();
        assert!(made.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&made.stdout));
        let program = ["/usr/sbin/mariadbd", "mariadbd"];
        let program = program.iter().find(|path| Path::new(path).exists()).unwrap_or(&"mariadbd");
        let mut server = as_nobody(Path::new(program));
        server.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        server.arg(format!("--socket={}", folder.join("socket").display()));
        server.args(["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"]);
        Server { process: start(server, &folder), folder, signal: "-TERM" }
    }

    /// Tries until the server answers.
    pub(crate) fn connect<T, E: std::fmt::Display>(&mut self, connect: impl Fn() -> Result<T, E>) -> T {
        let begin = Instant::now();
        loop {
            let error = match connect() {
                Ok(connection) => return connection,
                Err(error) => error,
            };
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(self.process.try_wait().unwrap().is_none(), "the server ended: {}", log());
            assert!(begin.elapsed() < Duration::from_secs(120), "no connection: {error}\n{}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn start(mut server: Command, folder: &Path) -> Child {
    let log = fs::File::create(folder.join("log")).unwrap();
    server.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    server.spawn().unwrap()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// An empty folder of the user whom servers run as.
fn new_folder(name: &str) -> PathBuf {
    // In memory where there is such a place: servers wait for disks, even where they are told not to.
    let memory = PathBuf::from("/dev/shm");
    let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
    static SERVERS: AtomicU32 = AtomicU32::new(0);
    let number = SERVERS.fetch_add(1, Ordering::Relaxed);
    let folder = parent.join(format!("arctos-{name}-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    if is_root() {
        assert!(Command::new("chown").arg("nobody").arg(&folder).status().unwrap().success());
    }
    folder
}

/// Servers refuse to run as root, and have no need to.
fn as_nobody(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    command.current_dir("/");
    command
}

/// The folder with PostgreSQL's programs, which Debian keeps out of the search path.
fn postgres_programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max().unwrap_or_default()
}
