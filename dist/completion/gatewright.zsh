#compdef gatewright
# zsh completion for gatewright(1).
# Made by 'gatewright --completion zsh' from the table of commands; a test keeps it so.

_gatewright_words()
{
	local -a words_of
	words_of=(${(f)"$(gatewright --complete $1 2>/dev/null | sed -e 's/:/\\:/g' -e 's/\t/:/')"})
	_describe $1 words_of
}

_gatewright_actions()
{
	local -a actions

	case $1 in
	certificate)
		actions=(
			'create:create a root, an intermediate, or a signed certificate'
			'list:list certificates as a tree below their roots'
			'show:show every field and the fingerprint of a certificate'
			'renewal:show what create would take over from a certificate with --renews'
			'compare:can the second certificate replace the first one?'
			'export:write a certificate, its chain, or its keystore to a file'
			'import:import certificates and keys\: PEM in any order, or PKCS#12'
			'delete:delete a certificate and its key'
			'revoke:mark a certificate as revoked; no gateway can get it any more'
		)
		_describe action actions ;;
	gateway)
		actions=(
			'add:add a gateway to the inventory'
			'list:list gateways with the certificate each one serves'
			'show:show a gateway, its addresses, and its last probe'
			'set:change what is given, leave the rest'
			'delete:remove a gateway from the inventory; the host is left alone'
			'candidates:which certificates can renew this gateway'\''s?'
			'keystores:what jobs have installed on a gateway or found there, newest first'
			'probes:what was seen on a gateway, the newest first'
			'probe:look at what a gateway serves, on every address and name'
			'host-key:show the SSH host key of a gateway'\''s host, or pin it'
			'update-keystore:install a certificate on a gateway over SSH, and prove it'
			'rollback:go back to an earlier keystore of a gateway'
		)
		_describe action actions ;;
	job)
		actions=(
			'list:list jobs, the newest first'
			'show:show a job with every step'
			'watch:follow a job until its end'
			'cancel:stop a job; after the switch this rolls back'
			'proof:write the signed proof of a job to a file'
		)
		_describe action actions ;;
	proof)
		actions=(
			'verify:check a proof without asking anybody'
			'key:show the public key that signs proofs'
		)
		_describe action actions ;;
	user)
		actions=(
			'add:add a user, and print its one-time password'
			'list:list users with their roles'
			'show:show a user'
			'set:change a user'\''s roles, disable or enable it'
			'reset:give a user a new one-time password'
			'delete:remove a user with its sessions and tokens'
		)
		_describe action actions ;;
	token)
		actions=(
			'create:make a token that acts for a user, and print it'
			'list:list tokens'
			'delete:delete a token by its number'
		)
		_describe action actions ;;
	session)
		actions=(
			'show:show as whom gatewrightd takes the caller, and what it may'
			'password:sign in as a user and change its password'
			'totp:sign in as a user and set up its second factor'
			'totp-remove:sign in as a user and do without its second factor'
			'end-all:sign in as a user and end all its sessions, everywhere'
		)
		_describe action actions ;;
	setting)
		actions=(
			'list:list what can be set while the daemon runs'
			'set:change a setting\: a number, yes or no'
		)
		_describe action actions ;;
	approval)
		actions=(
			'list:list what waits for a second person, the newest first'
			'grant:let another administrator'\''s request go on'
			'refuse:refuse another administrator'\''s request'
		)
		_describe action actions ;;
	audit)
		actions=(
			'list:list events of the audit log, the newest first'
			'export:write the audit log with its signed heads as JSON lines'
			'verify:is the audit log whole and unchanged?'
		)
		_describe action actions ;;
	target)
		actions=(
			'list:list the kinds of gateway and their parameters'
		)
		_describe action actions ;;
	console)
		actions=(
			'show:show where the console is served, and with which certificate'
			'set-certificate:serve the console with another certificate'
		)
		_describe action actions ;;
	esac
}

_gatewright_verb()
{
	case $1 in
	certificate-create)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--kind[what to create (default end-entity)]:kind:(root intermediate end-entity)' \
			'--issuer[the CA certificate that signs]:issuer:_gatewright_words certificate' \
			'--display-name[name of the certificate; becomes its common name]:display-name: ' \
			'--holder[first and last name of the certificate holder]:holder: ' \
			'--organization[organization or company]:organization: ' \
			'--locality[city or locality]:locality: ' \
			'--country[country code of two letters (ISO 3166-1), as US or ES]:country: ' \
			'--names[host names and IP addresses of the server, separated by '\'';'\'']:names: ' \
			'--valid-until[last day of validity, until its end in the local time zone]:valid-until: ' \
			'--key[kind of key (default ec-p256)]:key:(ec-p256 ec-p384 ed25519 rsa-2048 rsa-3072 rsa-4096)' \
			'--path-len[CA certificates that may follow below a CA certificate]:path-len: ' \
			'--renews[take every field that is not given from this one, and record it as predecessor]:renews:_gatewright_words certificate' \
			'--batch[create a certificate for each line of this file, all or none; '\''-'\'' is standard input]:batch:_files' \
			'--dry-run[check and say what would happen; change nothing]' \
			'--approval[the approval that another administrator granted]:approval: ' \
			'*:argument: ' ;;
	certificate-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--kind[only this kind]:kind:(root intermediate end-entity)' \
			'--root[only what descends from this root]:root:_gatewright_words certificate' \
			'--issuer[only what this one has issued; '\''none'\'': what stands at the top]:issuer:_gatewright_words certificate' \
			'--query[only what has this in its name, subject or host names, or a serial number or fingerprint that begins so]:query: ' \
			'--expires-before[only what expires before this day]:expires-before: ' \
			'--used[only what a gateway has been seen to serve]' \
			'--columns[columns to show, separated by '\'','\''; '\''help'\'' lists them]:columns: ' \
			'*:argument: ' ;;
	certificate-show)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words certificate' ;;
	certificate-renewal)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words certificate' ;;
	certificate-compare)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words certificate' ;;
	certificate-export)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--format[the certificate, its chain, or key and chain as PKCS#12 (default pem)]:format:(pem chain keystore)' \
			'--out[write to this new file (mode 0600); '\''-'\'' is standard output]:out:_files' \
			'--overwrite[replace the file when it is there]' \
			'--passphrase-fd[read the passphrase, one line, from this descriptor]:passphrase-fd: ' \
			'--passphrase-stdin[read the passphrase, one line, from standard input]' \
			'--approval[the approval that another administrator granted]:approval: ' \
			'*:argument:_gatewright_words certificate' ;;
	certificate-import)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--dry-run[check and say what would happen; change nothing]' \
			'--passphrase-fd[read the passphrase, one line, from this descriptor]:passphrase-fd: ' \
			'--passphrase-stdin[read the passphrase, one line, from standard input]' \
			'--approval[the approval that another administrator granted]:approval: ' \
			'*:argument:_files' ;;
	certificate-delete)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--yes[don'\''t ask whether to go on]' \
			'*:argument:_gatewright_words certificate' ;;
	certificate-revoke)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--dry-run[check and say what would happen; change nothing]' \
			'--yes[don'\''t ask whether to go on]' \
			'*:argument:_gatewright_words certificate' ;;
	gateway-add)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--target[kind of gateway (see '\''target list'\'')]:target:_gatewright_words target' \
			'*--param[parameter of the target; may be repeated]:param: ' \
			'*--tls[address on which it serves TLS; may be repeated]:tls: ' \
			'*--server-name[host name that clients ask for; may be repeated]:server-name: ' \
			'--host-key[fingerprint of the SSH host key to pin]:host-key: ' \
			'--ssh-host[host of the SSH server, as gatewrightd reaches it]:ssh-host: ' \
			'--ssh-port[port of the SSH server (default 22)]:ssh-port: ' \
			'--ssh-user[user to log in as]:ssh-user: ' \
			'*:argument: ' ;;
	gateway-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	gateway-show)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-set)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--target[kind of gateway (see '\''target list'\'')]:target:_gatewright_words target' \
			'*--param[parameter of the target; may be repeated]:param: ' \
			'*--tls[address on which it serves TLS; may be repeated]:tls: ' \
			'*--server-name[host name that clients ask for; may be repeated]:server-name: ' \
			'--host-key[fingerprint of the SSH host key to pin]:host-key: ' \
			'--ssh-host[host of the SSH server, as gatewrightd reaches it]:ssh-host: ' \
			'--ssh-port[port of the SSH server (default 22)]:ssh-port: ' \
			'--ssh-user[user to log in as]:ssh-user: ' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-delete)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--yes[don'\''t ask whether to go on]' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-candidates)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-keystores)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-probes)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-probe)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-host-key)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--accept[pin this host key, in place of the one that is pinned]:accept: ' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-update-keystore)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--dry-run[check and say what would happen; change nothing]' \
			'--ssh-host[host of the SSH server, as gatewrightd reaches it]:ssh-host: ' \
			'--ssh-port[port of the SSH server (default 22)]:ssh-port: ' \
			'--ssh-user[user to log in as]:ssh-user: ' \
			'--auth[how to log in (default password, or key with --key-file)]:auth:(password key agent)' \
			'--key-file[private key to log in with]:key-file:_files' \
			'--key-passphrase-fd[read the private key'\''s passphrase, one line, from this descriptor]:key-passphrase-fd: ' \
			'--password-fd[read the password, one line, from this descriptor]:password-fd: ' \
			'--password-stdin[read the password, one line, from standard input]' \
			'--sudo-password-fd[read sudo'\''s password, one line, from this descriptor]:sudo-password-fd: ' \
			'--certificate[the certificate to install]:certificate:_gatewright_words certificate' \
			'--accept-host-key[pin this SSH host key when none is pinned]:accept-host-key: ' \
			'--confirm-within[the host goes back by itself unless it is confirmed in this time]:confirm-within: ' \
			'--yes[don'\''t ask whether to go on]' \
			'--force-warnings[go on in spite of warnings; blockers always stop]' \
			'--no-watch[start the job, print it, and don'\''t wait for its end]' \
			'*:argument:_gatewright_words gateway' ;;
	gateway-rollback)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--dry-run[check and say what would happen; change nothing]' \
			'--ssh-host[host of the SSH server, as gatewrightd reaches it]:ssh-host: ' \
			'--ssh-port[port of the SSH server (default 22)]:ssh-port: ' \
			'--ssh-user[user to log in as]:ssh-user: ' \
			'--auth[how to log in (default password, or key with --key-file)]:auth:(password key agent)' \
			'--key-file[private key to log in with]:key-file:_files' \
			'--key-passphrase-fd[read the private key'\''s passphrase, one line, from this descriptor]:key-passphrase-fd: ' \
			'--password-fd[read the password, one line, from this descriptor]:password-fd: ' \
			'--password-stdin[read the password, one line, from standard input]' \
			'--sudo-password-fd[read sudo'\''s password, one line, from this descriptor]:sudo-password-fd: ' \
			'--accept-host-key[pin this SSH host key when none is pinned]:accept-host-key: ' \
			'--confirm-within[the host goes back by itself unless it is confirmed in this time]:confirm-within: ' \
			'--yes[don'\''t ask whether to go on]' \
			'--force-warnings[go on in spite of warnings; blockers always stop]' \
			'--no-watch[start the job, print it, and don'\''t wait for its end]' \
			'--generation[the generation to go back to (default the previous one)]:generation: ' \
			'*:argument:_gatewright_words gateway' ;;
	job-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--gateway[only jobs of this gateway]:gateway:_gatewright_words gateway' \
			'--state[only jobs in this state]:state: ' \
			'--limit[at most so many, the newest (default 20)]:limit: ' \
			'*:argument: ' ;;
	job-show)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words job' ;;
	job-watch)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words job' ;;
	job-cancel)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words job' ;;
	job-proof)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--out[write to this new file (mode 0600); '\''-'\'' is standard output]:out:_files' \
			'--overwrite[replace the file when it is there]' \
			'*:argument:_gatewright_words job' ;;
	proof-verify)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--key-file[the proof key, as '\''proof key --json'\'' prints it]:key-file:_files' \
			'--fingerprint[fingerprint of the proof key, 64 hexadecimal digits]:fingerprint: ' \
			'*:argument:_files' ;;
	proof-key)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--out[write to this new file (mode 0600); '\''-'\'' is standard output]:out:_files' \
			'--overwrite[replace the file when it is there]' \
			'*:argument: ' ;;
	user-add)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*--role[a role that it has; may be repeated]:role:(viewer deployer issuer administrator)' \
			'*:argument: ' ;;
	user-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	user-show)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument:_gatewright_words user' ;;
	user-set)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*--role[a role that it has; may be repeated]:role:(viewer deployer issuer administrator)' \
			'--disabled[may the user not sign in?]:disabled:(yes no)' \
			'*:argument:_gatewright_words user' ;;
	user-reset)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--yes[don'\''t ask whether to go on]' \
			'*:argument:_gatewright_words user' ;;
	user-delete)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--yes[don'\''t ask whether to go on]' \
			'*:argument:_gatewright_words user' ;;
	token-create)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--valid-until[last day of validity, until its end in the local time zone]:valid-until: ' \
			'*--role[a role that it has; may be repeated]:role:(viewer deployer issuer administrator)' \
			'--user[the user for whom the token acts]:user:_gatewright_words user' \
			'*:argument: ' ;;
	token-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	token-delete)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	session-show)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	session-password)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--password-fd[read the password, one line, from this descriptor]:password-fd: ' \
			'--password-stdin[read the password, one line, from standard input]' \
			'--new-password-fd[read the new password, one line, from this descriptor]:new-password-fd: ' \
			'--code-fd[read each code of the second factor that is needed, one a line, from this descriptor]:code-fd: ' \
			'*:argument:_gatewright_words user' ;;
	session-totp)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--password-fd[read the password, one line, from this descriptor]:password-fd: ' \
			'--password-stdin[read the password, one line, from standard input]' \
			'--code-fd[read each code of the second factor that is needed, one a line, from this descriptor]:code-fd: ' \
			'*:argument:_gatewright_words user' ;;
	session-totp-remove)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--password-fd[read the password, one line, from this descriptor]:password-fd: ' \
			'--password-stdin[read the password, one line, from standard input]' \
			'--code-fd[read each code of the second factor that is needed, one a line, from this descriptor]:code-fd: ' \
			'*:argument:_gatewright_words user' ;;
	session-end-all)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--password-fd[read the password, one line, from this descriptor]:password-fd: ' \
			'--password-stdin[read the password, one line, from standard input]' \
			'--code-fd[read each code of the second factor that is needed, one a line, from this descriptor]:code-fd: ' \
			'*:argument:_gatewright_words user' ;;
	setting-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	setting-set)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	approval-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--limit[at most so many, the newest (default 20)]:limit: ' \
			'*:argument: ' ;;
	approval-grant)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	approval-refuse)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	audit-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--limit[at most so many, the newest (default 20)]:limit: ' \
			'--actor[only of this one, as user:alice or unix:root]:actor: ' \
			'--action[only this, as certificate.export]:action: ' \
			'--object[only about this, as gateway:edge-1]:object: ' \
			'--outcome[only what ended so]:outcome:(done refused failed)' \
			'--after[only on this day or later]:after: ' \
			'--before[only before this day]:before: ' \
			'*:argument: ' ;;
	audit-export)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--out[write to this new file (mode 0600); '\''-'\'' is standard output]:out:_files' \
			'--overwrite[replace the file when it is there]' \
			'*:argument: ' ;;
	audit-verify)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--key-file[the proof key, as '\''proof key --json'\'' prints it]:key-file:_files' \
			'--fingerprint[fingerprint of the proof key, 64 hexadecimal digits]:fingerprint: ' \
			'*:argument:_files' ;;
	target-list)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	overview)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	console-show)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	console-set-certificate)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'--dry-run[check and say what would happen; change nothing]' \
			'--force-warnings[go on in spite of warnings; blockers always stop]' \
			'*:argument:_gatewright_words certificate' ;;
	health)
		_arguments -s \
			'--help[show help and exit]' \
			'--json[print the API'\''s JSON instead of text]' \
			'--socket[gatewrightd'\''s Unix socket (also GATEWRIGHT_SOCKET)]:socket:_files' \
			'--token-fd[act as the token in the first line of this descriptor]:token-fd: ' \
			'--token-file[act as the token in this file (also GATEWRIGHT_TOKEN_FILE)]:token-file:_files' \
			'*:argument: ' ;;
	esac
}

_gatewright()
{
	local curcontext=$curcontext state line noun
	typeset -A opt_args

	_arguments -C '(-)--help[show help and exit]' '(-)--version[show the version and exit]' \
		'1:noun:(certificate gateway job proof user token session setting approval audit target overview console health)' '*:: :->rest'
	[[ $state == rest ]] || return 0
	noun=$words[1]
	if [[ $noun == health ]]; then
		_gatewright_verb health
	elif ((CURRENT == 2)); then
		_gatewright_actions $noun
	else
		words[1]=()
		((CURRENT--))
		_gatewright_verb $noun-$words[1]
	fi
}

_gatewright "$@"
