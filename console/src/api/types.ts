/** The objects of docs/api.md. */

export interface Finding {
	id: string;
	severity: 'blocker' | 'warning' | 'note';
	field: string;
	text: string;
}

export type CertificateKind = 'root' | 'intermediate' | 'end-entity';
export type CertificateStatus = 'valid' | 'not-yet-valid' | 'expired' | 'revoked';

export interface Use {
	gateway: string | null;
	console?: boolean;
	proven_at: string;
	by: string;
}

export interface Certificate {
	id: number;
	kind: CertificateKind;
	display_name: string;
	subject: string;
	holder: string | null;
	organization: string | null;
	locality: string | null;
	country: string | null;
	names: string[];
	serial: string;
	not_before: string;
	not_after: string;
	days_left: number;
	status: CertificateStatus;
	key: string;
	has_key: boolean;
	fingerprint: string;
	fingerprint_groups: string;
	issuer: number | null;
	root: number | null;
	predecessor: number | null;
	successors: number[];
	used_by: Use[];
	created_at: string;
	/** How many it has issued. */
	children: number;
	/** Its issuers, the root first. */
	path: number[];
}

export interface CertificateWhole extends Certificate {
	chain: number[];
	pem: string;
	fields: {name: string; value: string}[];
	notes?: Finding[];
}

export interface CertificateRequest {
	kind: CertificateKind;
	issuer?: number | null;
	display_name: string;
	holder?: string | null;
	organization?: string | null;
	locality?: string | null;
	country?: string | null;
	names?: string | null;
	not_after?: string;
	key?: string;
	path_len?: number;
	renews?: number;
	approval?: number;
}

export interface Comparison {
	rows: {field: string; current: string | null; candidate: string | null; same: boolean}[];
	findings: Finding[];
	compatible: boolean;
}

export interface Probe {
	address: string;
	server_name: string;
	ok: boolean;
	error: string | null;
	fingerprint: string | null;
	names?: string[];
	protocol: string | null;
	cipher: string | null;
	handshake_ms: number | null;
	days_left: number | null;
}

export interface ProbeRecord {
	id: number;
	probed_at: string;
	phase: string;
	job: number | null;
	probes: Probe[];
}

export interface SshPlace {
	host: string | null;
	port: number | null;
	user: string | null;
	host_key: string | null;
}

export interface Gateway {
	name: string;
	target: string;
	params: Record<string, string>;
	tls: string[];
	server_names: string[];
	ssh: SshPlace;
	certificate: number | null;
	proven_at: string | null;
	/** Of a single one. */
	last_probe?: Probe[] | null;
	active_job: number | null;
}

export interface GatewayBody {
	name?: string;
	target: string;
	params: Record<string, string>;
	tls: string[];
	server_names: string[];
	ssh: {host: string; port: number; user: string};
}

export interface Target {
	name: string;
	title: string;
	params: {name: string; default: string; meaning: string}[];
}

export interface Candidate {
	certificate: Certificate;
	usable: boolean;
	findings: Finding[];
}

export interface Candidates {
	current: Certificate | null;
	items: Candidate[];
}

export interface Keystore {
	generation: string;
	certificate: number | null;
	/** null: the job found it there. */
	installed_at: string | null;
	job: number;
	current: boolean;
}

export interface HostKey {
	host_key: string;
	type: string;
	pinned: string | null;
	matches: boolean;
}

export type SshAuth = 'password' | 'key' | 'agent';

export interface SshLogin {
	host: string;
	port: number;
	user: string;
	auth: SshAuth;
	password?: string;
	key?: string;
	key_passphrase?: string;
	agent?: string;
	sudo_password?: string;
}

/** What an update would do, sentence by sentence. */
export interface Plan {
	plan: string[];
	findings: Finding[];
	compatible: boolean;
}

export interface UpdateBody {
	certificate?: number;
	generation?: string;
	ssh?: SshLogin;
	accept_host_key?: string;
	confirm_within?: number;
	force_warnings?: boolean;
}

export type JobState = 'queued' | 'connecting' | 'checked' | 'staged' | 'switched' | 'probing' | 'rolling-back' | 'confirmed' | 'rolled-back' | 'failed';
export type JobKind = 'update' | 'rollback' | 'probe' | 'recover';
export type JobOutcome = 'confirmed' | 'rolled-back' | 'failed' | 'unknown';

export interface JobStep {
	n: number;
	state: JobState;
	text: string;
	outcome: 'started' | 'done' | 'failed';
	detail: string | null;
	host_output: string | null;
	started_at: string;
	ended_at: string | null;
	time_ms: number | null;
}

export interface Job {
	id: number;
	kind: JobKind;
	gateway: string;
	certificate: number | null;
	state: JobState;
	done: boolean;
	outcome: JobOutcome | null;
	detail: string | null;
	created_at: string;
	finished_at: string | null;
	served_fingerprint: string | null;
	deadline: string | null;
	proof: boolean;
	previous: number | null;
	generation: string | null;
	old_generation: string | null;
	findings: Finding[];
	steps?: JobStep[];
}

export type Role = 'viewer' | 'deployer' | 'issuer' | 'administrator';
export type Permission = 'PUBLIC' | 'SELF' | 'VIEW' | 'DEPLOY' | 'ISSUE' | 'EXPORT' | 'ISSUE_CA' | 'AUDIT' | 'ADMIN';

export interface Session {
	user: string;
	roles: Role[];
	permissions: Permission[];
	csrf: string | null;
	must_change_password: boolean;
	totp: boolean;
	by: 'session' | 'token' | 'unix';
	idle_expires_at: string | null;
	expires_at: string | null;
}

export interface User {
	name: string;
	roles: Role[];
	disabled: boolean;
	totp: boolean;
	must_change_password: boolean;
	created_at: string;
	last_login_at: string | null;
}

export interface Token {
	id: number;
	name: string;
	user: string;
	roles: Role[];
	created_at: string;
	expires_at: string;
	last_used_at: string | null;
}

export interface AuditEvent {
	n: number;
	at: string;
	actor: string;
	address: string | null;
	action: string;
	object: string | null;
	outcome: 'done' | 'refused' | 'failed';
	detail: string | null;
	before: unknown;
	after: unknown;
	hash: string;
}

export interface AuditVerification {
	ok: boolean;
	events: number;
	heads: number;
	unsigned: number;
	problems: {n: number; what: string}[];
}

export interface Settings {
	session_idle_s: number;
	session_absolute_s: number;
	approve_key_export: boolean;
	approve_ca: boolean;
	audit_syslog: boolean;
	require_totp: boolean;
	limits?: Record<string, {min?: number; max?: number}>;
}

export interface Approval {
	id: number;
	action: string;
	object: string;
	summary: string;
	requested_by: string;
	requested_at: string;
	expires_at: string;
	state: 'waiting' | 'granted' | 'refused' | 'used' | 'expired';
	decided_by: string | null;
}

export interface Attention {
	severity: 'danger' | 'warning' | 'info';
	text: string;
	kind: 'certificate' | 'gateway' | 'job' | 'approval' | 'console';
	id?: number;
	name?: string;
}

export interface TimelineItem {
	certificate: number;
	display_name: string;
	kind: CertificateKind;
	not_before: string;
	not_after: string;
	gateways: string[];
	chain_ends_at: string;
}

export interface GatewayState {
	name: string;
	state: 'ok' | 'warning' | 'danger' | 'unknown';
	days_left: number | null;
	certificate: number | null;
	probed_at: string | null;
	active_job: number | null;
}

export interface Overview {
	now: string;
	attention: Attention[];
	timeline: TimelineItem[];
	gateways: GatewayState[];
	running: Job[];
	counts: {roots: number; intermediates: number; end_entities: number; gateways: number};
	/** How many there are of what the lists have a part of. */
	totals: {attention: number; timeline: number; gateways: Record<GatewayState['state'], number>};
}

export interface ConsoleCertificate {
	certificate: number | null;
	served_since: string | null;
	addresses: string[];
	error: string | null;
}
