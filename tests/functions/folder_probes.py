"""Probes of the file system that a function sees: an expression, and its value on Lambda.

An exception is written as `Type: message`. The probes run in this order, in the same invocation.
"""

from __future__ import annotations

import sys

FROM_3_13 = sys.version_info >= (3, 13)  # whose errors name different files
EROFS = "OSError: [Errno 30] Read-only file system"
EXDEV = "OSError: [Errno 18] Invalid cross-device link"
ENOENT = "FileNotFoundError: [Errno 2] No such file or directory"
ENOSPC = "OSError: [Errno 28] No space left on device"
ENOSYS = "OSError: [Errno 38] Function not implemented"
FULL = "OperationalError: database or disk is full"
NO_DATABASE = "OperationalError: unable to open database file"

SOURCE = """
import concurrent.futures, ctypes, glob, io, json, multiprocessing, os, pathlib, pwd, shutil, sqlite3, ssl
import subprocess, sys, tempfile, zipfile
from multiprocessing import shared_memory

def write(path, data="x", mode="w"):
    with open(path, mode) as file: return file.write(data)

def read(path, mode="r"):
    with open(path, mode) as file: return file.read()

def fill(file, count=16):
    with file:
        for _ in range(count): file.write(b"x" * (1 << 20))

def fill_fd(path):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for _ in range(16): os.write(fd, b"x" * (1 << 20))
    finally: os.close(fd)

def copies():
    write("/tmp/one", b"x" * (1 << 20), "wb")
    for number in range(16): shutil.copyfile("/tmp/one", f"/tmp/one-{number}")

def database(path, megabytes=0):
    connection = sqlite3.connect(path)
    try:
        connection.execute("create table t(x)")
        for _ in range(megabytes): connection.execute("insert into t values (zeroblob(1048576))")
        connection.commit()
    finally: connection.close()
    return os.path.exists(path)

def pool():
    with multiprocessing.Pool(2) as workers: return workers.map(abs, [-1])

def executor():
    with concurrent.futures.ProcessPoolExecutor(2) as workers: return list(workers.map(abs, [-1]))

def answer(end): end.send(os.listdir("/var/task")); end.close()

def process():
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=answer, args=(theirs,))
    process.start(); found = ours.recv(); process.join(); return sorted(found)

def from_zip():
    with zipfile.ZipFile("/tmp/lib.zip", "w") as archive: archive.writestr("in_zip.py", "x = 5")
    sys.path.insert(0, "/tmp/lib.zip"); import in_zip; return in_zip.__file__

def from_tmp():
    write("/tmp/in_tmp.py", "y = 7"); sys.path.insert(0, "/tmp"); import in_tmp
    return in_tmp.__file__, len(os.listdir("/tmp/__pycache__"))

def moved():
    os.chdir("/tmp")
    try: return os.getcwd(), os.path.abspath("q"), write("q"), os.path.exists("/tmp/q")
    finally: os.chdir("/var/task")

def extension():
    from package import _bisect
    return _bisect.__file__

def output(*command, **options): return subprocess.check_output(command, text=True, **options)

def probe(text):
    try: return eval(text)
    except Exception as error: return f"{type(error).__name__}: {error}"

def handler(event, context):
    return [probe(text) for text in json.loads(pathlib.Path("probes.json").read_text())]
"""

PROBES: tuple[tuple[str, object], ...] = (
    # The code
    ("os.getcwd()", "/var/task"),
    ("os.environ['LAMBDA_TASK_ROOT']", "/var/task"),
    ("__file__", "/var/task/app.py"),
    ("sys.path[0]", "/var/task"),
    ("sorted(os.listdir('/var/task'))", ["app.py", "bin", "package", "probes.json"]),
    ("sorted(os.listdir())", ["app.py", "bin", "package", "probes.json"]),
    ("os.stat('/var/task/bin/tool.sh').st_mode & 0o111", 0o111),
    ("read('bin/tool.sh')[:9]", "#!/bin/sh"),
    ("read('/tmp/../var/task/bin/tool.sh')[:9]", "#!/bin/sh"),
    ("read('../task/bin/tool.sh')[:9]", "#!/bin/sh"),
    ("read(b'/var/task/bin/tool.sh')[:9]", "#!/bin/sh"),
    ("open(pathlib.Path('bin', 'tool.sh')).name", "bin/tool.sh"),
    ("sorted(map(str, pathlib.Path('/var/task').rglob('*.sh')))", ["/var/task/bin/tool.sh"]),
    ("glob.glob('/var/task/*/*.sh')", ["/var/task/bin/tool.sh"]),
    ("[entry.path for entry in os.scandir('/var/task/bin')]", ["/var/task/bin/tool.sh"]),
    ("[folder for folder, _, _ in os.walk('/var/task/bin')]", ["/var/task/bin"]),
    ("os.path.realpath('bin')", "/var/task/bin"),
    ("extension()", "/var/task/package/_bisect.so"),
    ("__import__('boto3').__file__", "/var/runtime/boto3/__init__.py"),
    # It cannot be changed
    ("write('out.csv')", f"{EROFS}: 'out.csv'"),
    ("write('/var/task/out.csv')", f"{EROFS}: '/var/task/out.csv'"),
    ("write('app.py', mode='a')", f"{EROFS}: 'app.py'"),
    ("write('app.py', mode='r+')", f"{EROFS}: 'app.py'"),
    ("write('app.py', mode='x')", "FileExistsError: [Errno 17] File exists: 'app.py'"),
    ("write('missing/out.csv')", f"{ENOENT}: 'missing/out.csv'"),
    ("io.FileIO('/var/task/x', 'w')", f"{EROFS}: '/var/task/x'"),
    ("pathlib.Path('x').write_text('x')", f"{EROFS}: 'x'"),
    ("pathlib.Path('app.py').touch()", f"{EROFS}: 'app.py'"),
    ("os.open('x', os.O_CREAT | os.O_WRONLY)", f"{EROFS}: 'x'"),
    ("os.mkdir('x')", f"{EROFS}: 'x'"),
    ("os.mkdir('/var/task')", "FileExistsError: [Errno 17] File exists: '/var/task'"),
    ("os.makedirs('/var/task', exist_ok=True)", None),
    ("os.remove('app.py')", f"{EROFS}: 'app.py'"),
    ("os.remove('missing')", f"{EROFS}: 'missing'"),
    ("os.rmdir('bin')", f"{EROFS}: 'bin'"),
    ("shutil.rmtree('bin')", f"{EROFS}: 'bin'" if FROM_3_13 else f"{EROFS}: 'tool.sh'"),
    ("os.chmod('app.py', 0o600)", f"{EROFS}: 'app.py'"),
    ("os.chmod('missing', 0o600)", f"{ENOENT}: 'missing'"),
    ("os.utime('app.py')", f"{EROFS}: 'app.py'" if FROM_3_13 else EROFS),
    ("os.truncate('app.py', 0)", f"{EROFS}: 'app.py'"),
    ("os.symlink('x', '/var/task/link')", f"{EROFS}: 'x' -> '/var/task/link'"),
    ("os.rename('app.py', 'b.py')", f"{EROFS}: 'app.py' -> 'b.py'"),
    ("os.rename('app.py', '/tmp/b.py')", f"{EXDEV}: 'app.py' -> '/tmp/b.py'"),
    ("os.link('app.py', '/tmp/b.py')", f"{EXDEV}: 'app.py' -> '/tmp/b.py'"),
    ("os.unlink('app.py', dir_fd=os.open('/var/task', os.O_RDONLY))", f"{EROFS}: 'app.py'"),
    ("database('x.db')", NO_DATABASE),
    ("[os.access(path, os.W_OK) for path in ('.', 'app.py', '/', '/home', '/tmp')]", [*[False] * 4, True]),
    ("subprocess.run('echo x > out.csv', shell=True, stderr=-3).returncode != 0", True),
    ("os.path.exists('out.csv')", False),
    # The rest cannot be changed either
    ("write('/home/x')", f"{EROFS}: '/home/x'"),
    ("os.makedirs(os.path.expanduser('~/.cache'))", f"{EROFS}: '/home/sbx_user1051'"),
    ("write('/var/x')", f"{EROFS}: '/var/x'"),
    ("write('/var/tmp/x')", f"{EROFS}: '/var/tmp/x'"),
    ("write('/var/runtime/x')", f"{EROFS}: '/var/runtime/x'"),
    ("write('/opt/x')", f"{EROFS}: '/opt/x'"),
    ("write('/etc/x')", f"{EROFS}: '/etc/x'"),
    ("write('/usr/x')", f"{EROFS}: '/usr/x'"),
    ("write('/x')", f"{EROFS}: '/x'"),
    ("write('/dev/x')", f"{EROFS}: '/dev/x'"),
    ("write('/dev/null')", 1),
    ("os.getuid()", 993),
    ("pwd.getpwuid(os.getuid()).pw_name", "sbx_user1051"),
    # /tmp
    ("os.listdir('/tmp')", []),
    ("write('/tmp/mark')", 1),
    ("read('/tmp/mark')", "x"),
    ("read('//tmp//mark')", "x"),
    ("open('/tmp/mark').name", "/tmp/mark"),
    ("open('/tmp/mark', 'a').name", "/tmp/mark"),
    ("open('/tmp/missing')", f"{ENOENT}: '/tmp/missing'"),
    ("repr(open('/tmp/file', 'w'))", "<_io.TextIOWrapper name='/tmp/file' mode='w' encoding='utf-8'>"),
    ("isinstance(open('/tmp/file', 'rb', 0), io.FileIO)", True),
    ("open('/tmp/file', 'w', 0)", "ValueError: can't have unbuffered text I/O"),
    ("os.fdopen(os.open('/tmp/fd', os.O_CREAT | os.O_RDWR), 'w').write('abc')", 3),
    ("pathlib.Path('/tmp/text').write_text('hé', encoding='utf-8')", 2),
    ("pathlib.Path('/tmp/text').read_text(encoding='utf-8')", "hé"),
    ("os.rename('/tmp/mark', '/tmp/renamed')", None),
    ("os.rename('/tmp/renamed', '/var/task/mark')", f"{EXDEV}: '/tmp/renamed' -> '/var/task/mark'"),
    ("shutil.move('/tmp/renamed', '/var/task/mark')", f"{EROFS}: '/var/task/mark'"),
    ("os.mkdir('/tmp/folder')", None),
    ("shutil.copytree('/var/task/bin', '/tmp/copy')", "/tmp/copy"),
    ("os.listdir('/tmp/copy')", ["tool.sh"]),
    ("output('/tmp/copy/tool.sh')", "hi\n"),
    ("os.symlink('/tmp/renamed', '/tmp/link')", None),
    ("os.readlink('/tmp/link')", "/tmp/renamed"),
    ("os.path.realpath('/tmp/link')", "/tmp/renamed"),
    ("read('/tmp/link')", "x"),
    ("os.chmod('/tmp/renamed', 0)", None),
    ("read('/tmp/renamed')", "PermissionError: [Errno 13] Permission denied: '/tmp/renamed'"),
    ("moved()", ["/tmp", "/tmp/q", 1, True]),
    ("tempfile.gettempdir()", "/tmp"),
    ("tempfile.mkdtemp()[:8]", "/tmp/tmp"),
    ("tempfile.mkstemp()[1][:8]", "/tmp/tmp"),
    ("tempfile.NamedTemporaryFile().name[:8]", "/tmp/tmp"),
    ("tempfile.TemporaryFile().write(b'abc')", 3),
    ("database('/tmp/x.db')", True),
    ("sqlite3.connect('file:/tmp/x.db?mode=ro', uri=True).execute('select * from t').fetchall()", []),
    ("from_zip()", "/tmp/lib.zip/in_zip.py"),
    ("from_tmp()", ["/tmp/in_tmp.py", 1]),
    ("shutil.rmtree('/tmp/copy')", None),
    ("os.path.exists('/tmp/copy')", False),
    # No /dev/shm
    ("os.path.exists('/dev/shm')", False),
    ("write('/dev/shm/x')", f"{ENOENT}: '/dev/shm/x'"),
    ("pool()", ENOSYS),
    ("executor()", ENOSYS),
    ("multiprocessing.Queue()", ENOSYS),
    ("multiprocessing.Lock()", ENOSYS),
    ("multiprocessing.Event()", ENOSYS),
    ("shared_memory.SharedMemory(create=True, size=8)", ENOSYS),
    ("process()", ["app.py", "bin", "package", "probes.json"]),
    # Programs
    ("output('ls', '/var/task')", "app.py\nbin\npackage\nprobes.json\n"),
    ("output('ls', cwd='/var/task/bin')", "tool.sh\n"),
    ("output('bin/tool.sh')", "hi\n"),
    ("output(os.path.join(os.path.dirname(__file__), 'bin/tool.sh'))", "hi\n"),
    ("output('echo q > /tmp/q2; cat /tmp/q2', shell=True)", "q\n"),
    ("read('/tmp/q2')", "q\n"),
    ("os.system('test -d /var/task/bin')", 0),
    ("output('/var/task/missing')", f"{ENOENT}: '/var/task/missing'"),
    ("output('ls', cwd='/tmp/missing')", f"{ENOENT}: '/tmp/missing'"),
    ("output(sys.executable, '-c', 'print(6 * 7)')", "42\n"),
)

SIZES: tuple[tuple[str, object], ...] = (
    ("shutil.disk_usage('/tmp').total", 8 << 20),
    ("fill(open('/tmp/a', 'wb'))", ENOSPC),
    ("os.remove('/tmp/a')", None),
    ("shutil.disk_usage('/tmp').free > 7 << 20", True),
    ("fill(open('/tmp/a', 'wb', 0))", ENOSPC),
    ("os.remove('/tmp/a')", None),
    ("fill_fd('/tmp/a')", ENOSPC),
    ("os.remove('/tmp/a')", None),
    ("fill(tempfile.TemporaryFile())", ENOSPC),
    ("fill(tempfile.NamedTemporaryFile())", ENOSPC),
    ("fill(io.FileIO('/tmp/a', 'w'))", ENOSPC),
    ("os.remove('/tmp/a')", None),
    ("database('/tmp/big.db', 16)", FULL),
    ("[os.remove(path) for path in glob.glob('/tmp/big*')] and None", None),
    ("copies()", f"{ENOSPC}: '/tmp/one' -> '/tmp/one-7'"),
    ("[os.remove(path) for path in glob.glob('/tmp/one*')] and None", None),
    ("fill(open('/tmp/a', 'wb'), 6)", None),
    ("fill(open('/tmp/a', 'r+b'), 6)", None),  # the same bytes every time
    ("fill(open('/tmp/b', 'wb'), 6)", ENOSPC),
)
