# bash completion for gatewright(1).
# Made by 'gatewright --completion bash' from the table of commands; a test keeps it so.

_gatewright_words()
{
	gatewright --complete "$1" 2>/dev/null | cut -f1
}

_gatewright()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local noun='' action='' words='' files='' i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket|--token-fd|--token-file|--kind|--issuer|--display-name|--holder|--organization|--locality|--country|--names|--valid-until|--key|--path-len|--renews|--batch|--root|--query|--expires-before|--columns|--format|--out|--passphrase-fd|--target|--param|--tls|--server-name|--host-key|--ssh-host|--ssh-port|--ssh-user|--auth|--key-file|--key-passphrase-fd|--password-fd|--sudo-password-fd|--certificate|--accept-host-key|--confirm-within|--generation|--accept|--gateway|--state|--limit|--fingerprint|--role|--disabled|--user|--new-password-fd|--code-fd|--approval|--actor|--action|--object|--outcome|--after|--before) ((i++)) ;;
		-*) ;;
		*) if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}; elif [[ -z $action ]]; then action=${COMP_WORDS[i]}; fi ;;
		esac
	done
	[[ $noun == health ]] && action=''
	case "$noun $action" in
	' ') words='certificate gateway job proof user token session setting approval audit target overview console health --help --version' ;;
	'certificate ') words='create list show renewal compare export import delete revoke --help' ;;
	'certificate create')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--kind) words='root intermediate end-entity' ;;
		--issuer) words=$(_gatewright_words certificate) ;;
		--display-name) return ;;
		--holder) return ;;
		--organization) return ;;
		--locality) return ;;
		--country) return ;;
		--names) return ;;
		--valid-until) return ;;
		--key) words='ec-p256 ec-p384 ed25519 rsa-2048 rsa-3072 rsa-4096' ;;
		--path-len) return ;;
		--renews) words=$(_gatewright_words certificate) ;;
		--batch) files=1 ;;
		--approval) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --kind --issuer --display-name --holder --organization --locality --country --names --valid-until --key --path-len --renews --batch --dry-run --approval'; fi ;;
		esac ;;
	'certificate list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--kind) words='root intermediate end-entity' ;;
		--root) words=$(_gatewright_words certificate) ;;
		--issuer) words=$(_gatewright_words certificate) ;;
		--query) return ;;
		--expires-before) return ;;
		--columns) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --kind --root --issuer --query --expires-before --used --columns'; fi ;;
		esac ;;
	'certificate show')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'certificate renewal')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'certificate compare')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'certificate export')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--format) words='pem chain keystore' ;;
		--out) files=1 ;;
		--passphrase-fd) return ;;
		--approval) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --format --out --overwrite --passphrase-fd --passphrase-stdin --approval'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'certificate import')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--passphrase-fd) return ;;
		--approval) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --dry-run --passphrase-fd --passphrase-stdin --approval'; else files=1; fi ;;
		esac ;;
	'certificate delete')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --yes'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'certificate revoke')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --dry-run --yes'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'gateway ') words='add list show set delete candidates keystores probes probe host-key update-keystore rollback --help' ;;
	'gateway add')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--target) words=$(_gatewright_words target) ;;
		--param) return ;;
		--tls) return ;;
		--server-name) return ;;
		--host-key) return ;;
		--ssh-host) return ;;
		--ssh-port) return ;;
		--ssh-user) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --target --param --tls --server-name --host-key --ssh-host --ssh-port --ssh-user'; fi ;;
		esac ;;
	'gateway list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'gateway show')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway set')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--target) words=$(_gatewright_words target) ;;
		--param) return ;;
		--tls) return ;;
		--server-name) return ;;
		--host-key) return ;;
		--ssh-host) return ;;
		--ssh-port) return ;;
		--ssh-user) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --target --param --tls --server-name --host-key --ssh-host --ssh-port --ssh-user'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway delete')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --yes'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway candidates')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway keystores')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway probes')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway probe')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway host-key')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--accept) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --accept'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway update-keystore')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--ssh-host) return ;;
		--ssh-port) return ;;
		--ssh-user) return ;;
		--auth) words='password key agent' ;;
		--key-file) files=1 ;;
		--key-passphrase-fd) return ;;
		--password-fd) return ;;
		--sudo-password-fd) return ;;
		--certificate) words=$(_gatewright_words certificate) ;;
		--accept-host-key) return ;;
		--confirm-within) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --dry-run --ssh-host --ssh-port --ssh-user --auth --key-file --key-passphrase-fd --password-fd --password-stdin --sudo-password-fd --certificate --accept-host-key --confirm-within --yes --force-warnings --no-watch'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'gateway rollback')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--ssh-host) return ;;
		--ssh-port) return ;;
		--ssh-user) return ;;
		--auth) words='password key agent' ;;
		--key-file) files=1 ;;
		--key-passphrase-fd) return ;;
		--password-fd) return ;;
		--sudo-password-fd) return ;;
		--accept-host-key) return ;;
		--confirm-within) return ;;
		--generation) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --dry-run --ssh-host --ssh-port --ssh-user --auth --key-file --key-passphrase-fd --password-fd --password-stdin --sudo-password-fd --accept-host-key --confirm-within --yes --force-warnings --no-watch --generation'; else words=$(_gatewright_words gateway); fi ;;
		esac ;;
	'job ') words='list show watch cancel proof --help' ;;
	'job list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--gateway) words=$(_gatewright_words gateway) ;;
		--state) return ;;
		--limit) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --gateway --state --limit'; fi ;;
		esac ;;
	'job show')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words job); fi ;;
		esac ;;
	'job watch')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words job); fi ;;
		esac ;;
	'job cancel')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words job); fi ;;
		esac ;;
	'job proof')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--out) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --out --overwrite'; else words=$(_gatewright_words job); fi ;;
		esac ;;
	'proof ') words='verify key --help' ;;
	'proof verify')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--key-file) files=1 ;;
		--fingerprint) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --key-file --fingerprint'; else files=1; fi ;;
		esac ;;
	'proof key')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--out) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --out --overwrite'; fi ;;
		esac ;;
	'user ') words='add list show set reset delete --help' ;;
	'user add')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--role) words='viewer deployer issuer administrator' ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --role'; fi ;;
		esac ;;
	'user list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'user show')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'user set')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--role) words='viewer deployer issuer administrator' ;;
		--disabled) words='yes no' ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --role --disabled'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'user reset')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --yes'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'user delete')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --yes'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'token ') words='create list delete --help' ;;
	'token create')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--valid-until) return ;;
		--role) words='viewer deployer issuer administrator' ;;
		--user) words=$(_gatewright_words user) ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --valid-until --role --user'; fi ;;
		esac ;;
	'token list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'token delete')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'session ') words='show password totp totp-remove end-all --help' ;;
	'session show')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'session password')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--password-fd) return ;;
		--new-password-fd) return ;;
		--code-fd) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --password-fd --password-stdin --new-password-fd --code-fd'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'session totp')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--password-fd) return ;;
		--code-fd) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --password-fd --password-stdin --code-fd'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'session totp-remove')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--password-fd) return ;;
		--code-fd) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --password-fd --password-stdin --code-fd'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'session end-all')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--password-fd) return ;;
		--code-fd) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --password-fd --password-stdin --code-fd'; else words=$(_gatewright_words user); fi ;;
		esac ;;
	'setting ') words='list set --help' ;;
	'setting list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'setting set')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'approval ') words='list grant refuse --help' ;;
	'approval list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--limit) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --limit'; fi ;;
		esac ;;
	'approval grant')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'approval refuse')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'audit ') words='list export verify --help' ;;
	'audit list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--limit) return ;;
		--actor) return ;;
		--action) return ;;
		--object) return ;;
		--outcome) words='done refused failed' ;;
		--after) return ;;
		--before) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --limit --actor --action --object --outcome --after --before'; fi ;;
		esac ;;
	'audit export')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--out) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --out --overwrite'; fi ;;
		esac ;;
	'audit verify')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		--key-file) files=1 ;;
		--fingerprint) return ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --key-file --fingerprint'; else files=1; fi ;;
		esac ;;
	'target ') words='list --help' ;;
	'target list')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'overview ')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'console ') words='show set-certificate --help' ;;
	'console show')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	'console set-certificate')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file --dry-run --force-warnings'; else words=$(_gatewright_words certificate); fi ;;
		esac ;;
	'health ')
		case $prev in
		--socket) files=1 ;;
		--token-fd) return ;;
		--token-file) files=1 ;;
		*)
			if [[ $cur == -* ]]; then words='--help --json --socket --token-fd --token-file'; fi ;;
		esac ;;
	esac
	if [[ -n $files ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	fi
}
complete -F _gatewright gatewright
