"""Reaching what lies outside: files, the network, other processes. Each earns two points more where it gets through.

`@NAMES@` stand for places of the range in which the tests lie in wait (`corpus.range`).
"""

from corpus.attack import Attack, gains

CTYPES = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); libc.syscall.restype = ctypes.c_long\n"

ATTACKS: tuple[Attack, ...] = (
    gains("reads-a-secret", "return open('@SECRET@').read()"),
    gains("reads-the-users", "return open('/etc/passwd').read()"),
    gains("reads-by-memory-map", "return np.memmap('@SECRET@', mode='r').tobytes()"),
    gains("reads-by-numpy", "return np.fromfile('@SECRET@', dtype='u1').size"),
    gains("lists-the-root", "import os; return os.listdir('/')"),
    gains("reads-the-rubric", "return open('@RUBRIC@').read()"),
    gains("imports-the-rubric", "import rubrics.numpy_layers; return True"),
    gains("imports-the-reference", "from reference_solutions.layers import ReLU; return True"),
    gains("imports-the-comparison", "import sys; sys.path.append('@ROOT@'); import grader.compare; return True"),
    gains("reads-its-own-memory-map", "return 'reference_solutions' in open('/proc/self/maps').read() or True"),
    gains("reads-the-parent", "return open('/proc/@PARENT@/environ', 'rb').read() or True"),
    gains("reads-the-parents-memory", "return open('/proc/@PARENT@/mem', 'rb') and True"),
    gains("reads-other-processes",
          "import os; return [open(f'/proc/{p}/cmdline').read() for p in os.listdir('/proc') if p.isdigit()]"),
    gains("reads-the-environment", "import os; return os.environ.get('PATH') or os.environ.get('HOME')"),
    gains("reads-standard-input", "import os, sys; return sys.stdin.read() or os.read(0, 1)"),
    gains("writes-beside-itself", "open('left-behind', 'w').write('x'); return True"),
    gains("writes-in-the-range", "open('@FOLDER@/written', 'w').write('x'); return True"),
    gains("writes-by-numpy", "np.save('@FOLDER@/saved.npy', np.ones(3)); return True"),
    gains("appends-to-the-victim", "open('@VICTIM@', 'a').write('x'); return True"),
    gains("makes-a-link",
          "import os; os.path.islink('@FOLDER@/link') or os.symlink('@SECRET@', '@FOLDER@/link'); return True"),
    gains("makes-a-hard-link", "import os; os.link('@SECRET@', '@FOLDER@/hard'); return True"),
    gains("makes-a-folder", "import os; os.makedirs('@FOLDER@/made', exist_ok=True); return True"),
    gains("deletes-the-victim", "import os; os.unlink('@VICTIM@'); return True"),
    gains("renames-the-victim", "import os; os.rename('@VICTIM@', '@VICTIM@.gone'); return True"),
    gains("changes-a-mode", "import os; os.chmod('@VICTIM@', 0o777); return True"),
    gains("changes-a-time", "import os; os.utime('@VICTIM@', (1, 1)); return True"),
    gains("changes-a-time-by-descriptor", "import os; d = os.open('/', os.O_RDONLY); os.utime(d, (1, 1)); return True"),
    gains("connects", "import socket; socket.create_connection(('127.0.0.1', @TCP@), 1).send(b'x'); return True"),
    gains("sends-a-datagram", """
        import socket
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', @UDP@))"""),
    gains("connects-to-a-path", "import socket; s = socket.socket(socket.AF_UNIX); s.connect('@UNIX@'); return True"),
    gains("fetches-a-page",
          "import urllib.request; return urllib.request.urlopen('http://127.0.0.1:@TCP@/', timeout=1) or True"),
    gains("socket-by-system-call",
          CTYPES + "return libc.syscall(ctypes.c_long(41), *map(ctypes.c_long, (2, 1, 0))) >= 0"),
    gains("forks", "import os; pid = os.fork(); (pid or os._exit(0)); os.waitpid(pid, 0); return True"),
    gains("forks-by-system-call", CTYPES + "pid = libc.fork(); (pid or libc._exit(0)); return pid > 0"),
    gains("starts-a-program", "import subprocess; return subprocess.run(['/bin/true']).returncode == 0"),
    gains("becomes-a-program", "import os; os.execv('/bin/sh', ['sh', '-c', 'echo x > @FOLDER@/ran'])"),
    gains("starts-a-thread", "import threading; t = threading.Thread(target=int); t.start(); t.join(); return True"),
    gains("kills-the-parent", "import os, signal; os.kill(@PARENT@, signal.SIGWINCH); return True"),
    gains("limits-the-parent", "import resource; resource.prlimit(@PARENT@, resource.RLIMIT_CORE); return True"),
    gains("raises-its-limits",
          "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1)); return True"),
    gains("file-in-memory", "import os; os.close(os.memfd_create('x')); return True"),
    gains("shares-memory",
          "from multiprocessing import shared_memory; shared_memory.SharedMemory(create=True, size=9); return True"),
    gains("becomes-root-again", "import os; os.setresuid(0, 0, 0); return open('/etc/shadow').read()"),
    gains("leaves-its-root", "import os; os.chroot('/tmp'); return True"),
    gains("finds-pytest", "import pytest; return True"),
)  # fmt: skip
