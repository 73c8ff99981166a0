/* ISO 3166-1 alpha-2 codes that are officially assigned. */
#include "core/pki/profile.h"

/* One string per first letter, two letters a code, in order. */
static const char *const assigned[26] = {
	['A' - 'A'] = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZ",
	['B' - 'A'] = "BABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ",
	['C' - 'A'] = "CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ",
	['D' - 'A'] = "DEDJDKDMDODZ",
	['E' - 'A'] = "ECEEEGEHERESET",
	['F' - 'A'] = "FIFJFKFMFOFR",
	['G' - 'A'] = "GAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY",
	['H' - 'A'] = "HKHMHNHRHTHU",
	['I' - 'A'] = "IDIEILIMINIOIQIRISIT",
	['J' - 'A'] = "JEJMJOJP",
	['K' - 'A'] = "KEKGKHKIKMKNKPKRKWKYKZ",
	['L' - 'A'] = "LALBLCLILKLRLSLTLULVLY",
	['M' - 'A'] = "MAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZ",
	['N' - 'A'] = "NANCNENFNGNINLNONPNRNUNZ",
	['O' - 'A'] = "OM",
	['P' - 'A'] = "PAPEPFPGPHPKPLPMPNPRPSPTPWPY",
	['Q' - 'A'] = "QA",
	['R' - 'A'] = "RERORSRURW",
	['S' - 'A'] = "SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZ",
	['T' - 'A'] = "TCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ",
	['U' - 'A'] = "UAUGUMUSUYUZ",
	['V' - 'A'] = "VAVCVEVGVIVNVU",
	['W' - 'A'] = "WFWS",
	['Y' - 'A'] = "YEYT",
	['Z' - 'A'] = "ZAZMZW",
};

bool country_is_known(struct bytes code)
{
	const char *codes;

	if (code.n != 2 || code.p[0] < 'A' || code.p[0] > 'Z')
		return false;
	codes = assigned[code.p[0] - 'A'];
	for (; codes && *codes; codes += 2)
		if (code.p[1] == (uint8_t)codes[1])
			return true;
	return false;
}
