# Installs the Debian packages named as arguments; starts none of their daemons, now or at the next
# boot. A shell script because its trap also runs when a person interrupts it.

policy=/usr/sbin/policy-rc.d
kept=$policy.before-xtask

restore() {
    rm -f "$policy"
    if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}

if [ -e "$policy" ]; then mv "$policy" "$kept"; fi
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# invoke-rc.d and deb-systemd-invoke ask this program; 101 forbids every start.
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends "$@"

for package; do
    service=$package
    case $package in
    dovecot-*) service=dovecot ;;
    mariadb-server) service=mariadb ;;
    postgresql-15)
        # Its service is that of all versions, so only the cluster that came with this one is kept down.
        cluster=/etc/postgresql/15/main/start.conf
        if [ -e "$cluster" ]; then echo manual >"$cluster"; fi
        ;;
    esac
    if [ -x "/etc/init.d/$service" ]; then update-rc.d "$service" disable; fi
done
