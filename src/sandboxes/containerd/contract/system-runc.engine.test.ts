import { verifies } from '../../../../test/requirements.ts';
import { describeContainerd } from '../../testing/describe-containerd.ts';

verifies('engine:contract');
describeContainerd('system', 'runc');
