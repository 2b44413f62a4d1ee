#!/bin/sh
# Runs a command beside a one-node Slurm of its own on loopback (Debian's slurm-wlm and munge), then takes it down.
#   Tests/Slurm/one-node-slurm.sh COMMAND...
# SLURM_CONF is set for the command. Exit code: the command's; 77, after a line that says why, where Slurm cannot start.
# All state is in a folder of its own under TMPDIR; no system service is touched.
set -eu
PATH=$PATH:/usr/sbin:/sbin
skip() {
  echo "skipped: $1"
  [ -z "${state:-}" ] || tail -n 5 "$state"/*.log 2>/dev/null || true
  exit 77
}
for program in munged slurmctld slurmd sbatch sinfo; do
  command -v "$program" >/dev/null || skip "$program is not installed (Debian: slurm-wlm, munge)"
done
[ "$(id -u)" = 0 ] || skip "slurmd wants to be root"

state=$(mktemp -d "${TMPDIR:-/tmp}/one-node-slurm.XXXXXX")
munged=
controller=
node=
finish() {
  code=$?
  trap - EXIT
  for daemon in $node $controller $munged; do kill "$daemon" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$state"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# munge refuses a key or socket below a folder that others can write to, /tmp with its sticky bit included.
chmod 755 "$state"
mkdir "$state/ctld" "$state/d"
dd if=/dev/urandom of="$state/munge.key" bs=1024 count=1 2>/dev/null
chmod 400 "$state/munge.key"
munged --foreground --force --key-file="$state/munge.key" --socket="$state/munge.socket" --pid-file="$state/munged.pid" \
  --log-file="$state/munged.log" --seed-file="$state/munge.seed" >"$state/munged.out" 2>&1 &
munged=$!

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
host=$(hostname -s)
cat >"$state/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
AuthType=auth/munge
AuthInfo=socket=$state/munge.socket
CredType=cred/munge
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/d
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
SLURM_CONF=$state/slurm.conf
export SLURM_CONF

slurmctld -D >"$state/slurmctld.out" 2>&1 &
controller=$!
slurmd -D -N "$host" >"$state/slurmd.out" 2>&1 &
node=$!
tries=0
until sinfo --noheader --format=%T 2>/dev/null | grep -q idle; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || skip "no idle node within 30 s"
  sleep 0.5
done
"$@"
