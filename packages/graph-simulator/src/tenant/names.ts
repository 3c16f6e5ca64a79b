import type { Random } from '../random.js';

type Script = {
  readonly language: string;
  readonly country: string;
  readonly familyFirst?: true;
  /** Native form, and after a slash its Latin form where that differs. */
  readonly given: string;
  readonly family: string;
};

const SCRIPTS: readonly [Script, ...Script[]] = [
  {
    language: 'en-GB',
    country: 'GB',
    given: 'Olivia Noah Amelia Jo Siobhán/Siobhan Finlay Zoë/Zoe Al',
    family:
      'Smith Taylor O’Connor/OConnor Ng Fox Wolfeschlegelsteinhausenbergerdorff Smith-Llewellyn/SmithLlewellyn Li',
  },
  {
    language: 'de-DE',
    country: 'DE',
    given: 'Jürgen/Juergen Anna Björn/Bjoern Sophie Karl-Heinz/KarlHeinz Käthe/Kaethe Max Ida',
    family: 'Müller/Mueller Groß/Gross Schäfer/Schaefer Weiß/Weiss Vogel Königsberger/Koenigsberger Lang Roth',
  },
  {
    language: 'fr-FR',
    country: 'FR',
    given: 'Élodie/Elodie François/Francois Chloé/Chloe Anaïs/Anais Jean-Luc/JeanLuc Noël/Noel',
    family: 'Lefèvre/Lefevre D’Amboise/DAmboise Garçon/Garcon Moreau Bœuf/Boeuf',
  },
  {
    language: 'es-ES',
    country: 'ES',
    given: 'José/Jose Begoña/Begona Íñigo/Inigo María/Maria Lucía/Lucia',
    family: 'Núñez/Nunez García/Garcia Ibáñez/Ibanez Peña/Pena Aguirre',
  },
  {
    language: 'pl-PL',
    country: 'PL',
    given: 'Łukasz/Lukasz Żaneta/Zaneta Wojciech Zofia',
    family: 'Wiśniewski/Wisniewski Dąbrowska/Dabrowska Brzęczyszczykiewicz/Brzeczyszczykiewicz Lis',
  },
  {
    language: 'is-IS',
    country: 'IS',
    given: 'Þórdís/Thordis Guðmundur/Gudmundur Æsa/Aesa',
    family: 'Jónsdóttir/Jonsdottir Sigurðsson/Sigurdsson Vigfúsdóttir/Vigfusdottir',
  },
  {
    language: 'tr-TR',
    country: 'TR',
    given: 'İpek/Ipek Işıl/Isil Çağrı/Cagri Ömer/Omer',
    family: 'Yıldız/Yildiz Şahin/Sahin Öztürk/Ozturk Güneş/Gunes',
  },
  {
    language: 'vi-VN',
    country: 'VN',
    familyFirst: true,
    given: 'Thị/Thi Hương/Huong Đức/Duc Quỳnh/Quynh Ánh/Anh',
    family: 'Nguyễn/Nguyen Trần/Tran Phạm/Pham Đặng/Dang',
  },
  {
    language: 'ru-RU',
    country: 'KZ',
    given: 'Анна/Anna Сергей/Sergei Любовь/Lyubov Фёдор/Fyodor',
    family: 'Щербак/Shcherbak Иванова/Ivanova Рождественский/Rozhdestvensky Ли/Li',
  },
  {
    language: 'uk-UA',
    country: 'UA',
    given: 'Олена/Olena Ігор/Ihor Їжак/Yizhak Єва/Yeva',
    family: 'Шевченко/Shevchenko Гриценко/Hrytsenko Кравчук/Kravchuk',
  },
  {
    language: 'el-GR',
    country: 'GR',
    given: 'Ελένη/Eleni Γιώργος/Giorgos Ξένια/Xenia',
    family: 'Παπαδόπουλος/Papadopoulos Νικολάου/Nikolaou Χατζηκωνσταντίνου/Chatzikonstantinou',
  },
  {
    language: 'ar-EG',
    country: 'EG',
    given: 'محمد/Mohamed فاطمة/Fatima نور/Nour يوسف/Youssef',
    family: 'حسن/Hassan السيد/ElSayed عبدالرحمن/Abdelrahman',
  },
  {
    language: 'he-IL',
    country: 'IL',
    given: 'נועם/Noam שירה/Shira אורי/Uri',
    family: 'כהן/Cohen לוי/Levi פרידמן/Friedman',
  },
  {
    language: 'hi-IN',
    country: 'IN',
    given: 'आरव/Aarav प्रिया/Priya विक्रम/Vikram',
    family: 'शर्मा/Sharma पटेल/Patel श्रीवास्तव/Shrivastava',
  },
  {
    language: 'ta-IN',
    country: 'IN',
    given: 'கார்த்திக்/Karthik மீனா/Meena',
    family: 'கிருஷ்ணமூர்த்தி/Krishnamurthy ராமன்/Raman',
  },
  {
    language: 'th-TH',
    country: 'TH',
    given: 'สมชาย/Somchai มาลี/Malee',
    family: 'ศรีสุวรรณ/Srisuwan รัตนโกสินทร์/Rattanakosin',
  },
  {
    language: 'zh-CN',
    country: 'CN',
    familyFirst: true,
    given: '伟/Wei 芳/Fang 小明/Xiaoming 静怡/Jingyi',
    family: '王/Wang 李/Li 欧阳/Ouyang 张/Zhang',
  },
  {
    language: 'ja-JP',
    country: 'JP',
    familyFirst: true,
    given: '太郎/Taro 花子/Hanako さくら/Sakura 健/Ken',
    family: '佐藤/Sato 鈴木/Suzuki 勅使河原/Teshigawara 林/Hayashi',
  },
  {
    language: 'ko-KR',
    country: 'KR',
    familyFirst: true,
    given: '민준/Minjun 서연/Seoyeon 지우/Jiwoo',
    family: '김/Kim 이/Lee 황보/Hwangbo',
  },
  {
    language: 'ka-GE',
    country: 'GE',
    given: 'ნინო/Nino გიორგი/Giorgi',
    family: 'ბერიძე/Beridze კვარაცხელია/Kvaratskhelia',
  },
  {
    language: 'am-ET',
    country: 'ET',
    given: 'አበበ/Abebe ሰላም/Selam',
    family: 'ተስፋዬ/Tesfaye ገብረማርያም/Gebremariam',
  },
];

type Word = { readonly native: string; readonly latin: string };

const toWords = (list: string): [Word, ...Word[]] => {
  const words = list.split(' ').map((entry): Word => {
    const [native = entry, latin = native] = entry.split('/');
    return { native, latin: latin.replaceAll(/[^A-Za-z]/g, '') };
  });
  const [first, ...rest] = words;
  if (first === undefined) throw new Error('a script of names is empty');
  return [first, ...rest];
};

type Names = { script: Script; given: [Word, ...Word[]]; family: [Word, ...Word[]] };
const toNames = (script: Script): Names => ({
  script,
  given: toWords(script.given),
  family: toWords(script.family),
});
const NAMES: readonly [Names, ...Names[]] = [toNames(SCRIPTS[0]), ...SCRIPTS.slice(1).map(toNames)];

export type PersonName = {
  readonly given: string;
  readonly family: string;
  readonly display: string;
  /** ASCII, fit for the left side of a sign-in name. */
  readonly mailbox: string;
  readonly language: string;
  readonly country: string;
};

export const pickName = (random: Random): PersonName => {
  const { script, given: givenNames, family: familyNames } = random.pick(NAMES);
  const given = random.pick(givenNames);
  const family = random.pick(familyNames);
  const inOrder = script.familyFirst ? [family.native, given.native] : [given.native, family.native];
  return {
    given: given.native,
    family: family.native,
    display: inOrder.join(/^(zh|ja|ko)/.test(script.language) ? '' : ' '),
    mailbox: `${given.latin}.${family.latin}`.toLowerCase(),
    language: script.language,
    country: script.country,
  };
};
