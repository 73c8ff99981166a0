import {Checkbox, FormGroup} from '@patternfly/react-core';
import type {Role} from '../api/types';
import {useI18n} from '../i18n';

export const ROLES: Role[] = ['viewer', 'deployer', 'issuer', 'administrator'];

interface RoleChoiceProps {
	id: string;
	roles: Role[];
	onChange: (roles: Role[]) => void;
	/** Those that may be chosen. */
	of?: Role[];
}

export function RoleChoice({id, roles, onChange, of = ROLES}: RoleChoiceProps) {
	const {t} = useI18n();
	return (
		<FormGroup role="group" isStack label={t('users.roles')} fieldId={id}>
			{of.map((role) => (
				<Checkbox
					key={role}
					id={`${id}-${role}`}
					label={t(`role.${role}`)}
					description={t(`roleHelp.${role}`)}
					isChecked={roles.includes(role)}
					onChange={(_event, checked) => onChange(checked ? [...roles, role] : roles.filter((one) => one !== role))}
				/>
			))}
		</FormGroup>
	);
}
